# What `cpack -G DEB` makes: see scripts/package.
set(here ${CMAKE_CURRENT_LIST_DIR})
install(FILES ${here}/litetool@.service DESTINATION lib/systemd/system)
install(FILES ${here}/litetool.toml DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)
install(FILES ${CMAKE_SOURCE_DIR}/README.md ${CMAKE_SOURCE_DIR}/LICENSE
  DESTINATION ${CMAKE_INSTALL_DOCDIR})

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_CONTACT "The litetool maintainers")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "a history under the SQLite databases of a directory")
set(CPACK_PACKAGE_DESCRIPTION "Mounts a directory and keeps every transaction of the SQLite databases in it as an
LTX file, while programs go on with plain SQLite: point-in-time restore, log, diff,
checksum audit, import and export.")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS fuse3)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS sqlite3)
include(CPack)

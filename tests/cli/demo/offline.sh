# The half of the demo that needs no mount.
"$SOURCE/scripts/demo" --offline | tail -n 1
exit "${PIPESTATUS[0]}"

litetool versoin

"""找网格员: the three disclosures — name, duty phone, services — of a grid."""

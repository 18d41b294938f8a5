"""What training does with the neurons of a concrete network: closed forms, bounds, spectra, figures."""

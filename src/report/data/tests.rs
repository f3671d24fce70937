//! Series, sums and changes over releases that were made by hand.

### status: machine

language-tag = de
language-name = Deutsch
language-direction = ltr

## Numbers and dates (Unicode CLDR 48)
## status: official

number-digits = 0123456789
number-group = .
number-decimal = ,
number-grouped-from = 4
number-minus = -
number-percent = { $number }{ "\u00A0" }%
number-range = { $low }–{ $high }
date-day = { $day }. { $month } { $year }
date-month = { $month } { $year }
date-quarter = { $first }–{ $last } { $year }
date-span = { $first } – { $last }
month-1 = Januar
month-2 = Februar
month-3 = März
month-4 = April
month-5 = Mai
month-6 = Juni
month-7 = Juli
month-8 = August
month-9 = September
month-10 = Oktober
month-11 = November
month-12 = Dezember
month-in-date-1 = Januar
month-in-date-2 = Februar
month-in-date-3 = März
month-in-date-4 = April
month-in-date-5 = Mai
month-in-date-6 = Juni
month-in-date-7 = Juli
month-in-date-8 = August
month-in-date-9 = September
month-in-date-10 = Oktober
month-in-date-11 = November
month-in-date-12 = Dezember

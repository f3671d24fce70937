### status: machine

language-tag = pt
language-name = português
language-direction = ltr

## Numbers and dates (Unicode CLDR 48)
## status: official

number-digits = 0123456789
number-group = .
number-decimal = ,
number-grouped-from = 4
number-minus = -
number-percent = { $number }%
number-range = { $low }–{ $high }
date-day = { $day } de { $month } de { $year }
date-month = { $month } de { $year }
date-quarter = { $first }{ "\u2009" }–{ "\u2009" }{ $last } de { $year }
date-span = { $first } – { $last }
month-1 = janeiro
month-2 = fevereiro
month-3 = março
month-4 = abril
month-5 = maio
month-6 = junho
month-7 = julho
month-8 = agosto
month-9 = setembro
month-10 = outubro
month-11 = novembro
month-12 = dezembro
month-in-date-1 = janeiro
month-in-date-2 = fevereiro
month-in-date-3 = março
month-in-date-4 = abril
month-in-date-5 = maio
month-in-date-6 = junho
month-in-date-7 = julho
month-in-date-8 = agosto
month-in-date-9 = setembro
month-in-date-10 = outubro
month-in-date-11 = novembro
month-in-date-12 = dezembro

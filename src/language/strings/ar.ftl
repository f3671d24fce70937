### status: machine

language-tag = ar
language-name = العربية
language-direction = rtl

## Numbers and dates (Unicode CLDR 48)
## status: official

number-digits = 0123456789
number-group = ,
number-decimal = .
number-grouped-from = 4
number-minus = { "\u200E" }-
number-percent = { $number }{ "\u200E" }%{ "\u200E" }
number-range = { $low }–{ $high }
date-day = { $day } { $month } { $year }
date-month = { $month } { $year }
date-quarter = { $first } – { $last } { $year }
date-span = { $first } – { $last }
month-1 = يناير
month-2 = فبراير
month-3 = مارس
month-4 = أبريل
month-5 = مايو
month-6 = يونيو
month-7 = يوليو
month-8 = أغسطس
month-9 = سبتمبر
month-10 = أكتوبر
month-11 = نوفمبر
month-12 = ديسمبر
month-in-date-1 = يناير
month-in-date-2 = فبراير
month-in-date-3 = مارس
month-in-date-4 = أبريل
month-in-date-5 = مايو
month-in-date-6 = يونيو
month-in-date-7 = يوليو
month-in-date-8 = أغسطس
month-in-date-9 = سبتمبر
month-in-date-10 = أكتوبر
month-in-date-11 = نوفمبر
month-in-date-12 = ديسمبر

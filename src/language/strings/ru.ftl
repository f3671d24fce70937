### status: machine

language-tag = ru
language-name = русский
language-direction = ltr

## Numbers and dates (Unicode CLDR 48)
## status: official

number-digits = 0123456789
number-group = { "\u00A0" }
number-decimal = ,
number-grouped-from = 4
number-minus = -
number-percent = { $number }{ "\u00A0" }%
number-range = { $low }–{ $high }
date-day = { $day } { $month } { $year } г.
date-month = { $month } { $year } г.
date-quarter = { $first } – { $last } { $year }{ "\u202F" }г.
date-span = { $first } – { $last }
month-1 = январь
month-2 = февраль
month-3 = март
month-4 = апрель
month-5 = май
month-6 = июнь
month-7 = июль
month-8 = август
month-9 = сентябрь
month-10 = октябрь
month-11 = ноябрь
month-12 = декабрь
month-in-date-1 = января
month-in-date-2 = февраля
month-in-date-3 = марта
month-in-date-4 = апреля
month-in-date-5 = мая
month-in-date-6 = июня
month-in-date-7 = июля
month-in-date-8 = августа
month-in-date-9 = сентября
month-in-date-10 = октября
month-in-date-11 = ноября
month-in-date-12 = декабря

## Operator

operator-outcome-known = известно
operator-outcome-near = похоже
operator-outcome-ignored = пропущено
operator-outcome-unknown = неизвестно
operator-outcome-unchecked = не проверено
operator-outcome-quarantined = в карантине
operator-outcome-deconfirmed = не подтверждено
operator-meaning-known = совпадает с файлом из списка
operator-meaning-near = похоже на изображение из списка; решает человек
operator-meaning-near-all = похоже на изображение или видео из списка; решает человек
operator-meaning-ignored = в списке безвредных файлов
operator-meaning-unknown = проверено, ни в одном списке нет
operator-meaning-unknown-in-part = проверено, в просмотренной части списков нет
operator-meaning-unchecked = не проверено или проверено частично, и ничего не найдено
operator-meaning-quarantined = совпадает с записью в карантине; решает человек
operator-meaning-deconfirmed = совпадает с записью, которую здесь не подтвердили
operator-summary = { $items ->
    [one] { NUMBER($items) } элемент
    [few] { NUMBER($items) } элемента
    [many] { NUMBER($items) } элементов
   *[other] { NUMBER($items) } элемента
    }, { $bytes }, за { $seconds } с ({ NUMBER($rate) } в секунду)
operator-watched = { $count ->
    [one] { NUMBER($count) } элемент
    [few] { NUMBER($count) } элемента
    [many] { NUMBER($count) } элементов
   *[other] { NUMBER($count) } элемента
    } — в отслеживаемом списке, независимо от результата
operator-suppressed = { $count ->
    [one] { NUMBER($count) } элемент
    [few] { NUMBER($count) } элемента
    [many] { NUMBER($count) } элементов
   *[other] { NUMBER($count) } элемента
    } — с совпадением, которое отменяет список безвредных файлов
operator-repeats = { $count ->
    [one] { NUMBER($count) } элемент повторяет байты более раннего, который декодирован для всех
    [few] { NUMBER($count) } элемента повторяют байты более раннего, который декодирован для всех
    [many] { NUMBER($count) } элементов повторяют байты более раннего, который декодирован для всех
   *[other] { NUMBER($count) } элемента повторяют байты более раннего, который декодирован для всех
    }
operator-alike = Неизвестные элементы, похожие друг на друга: { NUMBER($items) } ({ $groups ->
    [one] { NUMBER($groups) } группа
    [few] { NUMBER($groups) } группы
    [many] { NUMBER($groups) } групп
   *[other] { NUMBER($groups) } группы
    }); достаточно посмотреть по одному из каждой группы
operator-part = Просмотрена только часть списков ({ $selection }): { $entries ->
    [one] { NUMBER($entries) } запись
    [few] { NUMBER($entries) } записи
    [many] { NUMBER($entries) } записей
   *[other] { NUMBER($entries) } записи
    }; не просмотрено: { NUMBER($rest) }.
operator-not-allowed = Не просмотрен: { $set }, так как { $reason }.
operator-gaps = Что не проверено и почему:
operator-excluded = Исключено по запросу: { $count ->
    [one] { NUMBER($count) } файл или папка
    [few] { NUMBER($count) } файла и папки
    [many] { NUMBER($count) } файлов и папок
   *[other] { NUMBER($count) } файла и папки
    }.
operator-links = Не пройдено: { $count ->
    [one] { NUMBER($count) } ссылка
    [few] { NUMBER($count) } ссылки
    [many] { NUMBER($count) } ссылок
   *[other] { NUMBER($count) } ссылки
    }.
operator-queries = { $count ->
    [one] { NUMBER($count) } запрос
    [few] { NUMBER($count) } запроса
    [many] { NUMBER($count) } запросов
   *[other] { NUMBER($count) } запроса
    }
operator-comma = { ", " }
operator-count = { NUMBER($count) } { $what }
operator-watched-word = отслеживается
operator-suppressed-word = отменено
operator-verdicts = Заключения (локально, не передавать): { $path }
operator-page = Страница для начала: { $path }
operator-signed = Подписано; проверить позже: { $command }
operator-more = … и другие, дальше
operator-where = Где смотреть:
operator-public = открытая страница
operator-release = подписанная публикация
operator-local-verdicts = локальные заключения
operator-run = Проход { $run }
operator-lists = { $program }; списки: { $lists }
operator-revision = { $set } (редакция { $revision })
operator-show = показать: { $what }
operator-names = показать имена файлов
operator-local = Локально, не передавать.
operator-hidden-note = Изображения не показываются; имена файлов скрыты, пока вы их не запросите.
operator-unreviewed = Слова этой страницы не проверял ни один носитель языка.
operator-numbers = В числах
operator-items = элементы
operator-with-verdict = с заключением
operator-inside = внутри
operator-inside-note = найдены внутри архивов, писем и документов
operator-repeats-word = повторы
operator-repeats-note = повторяют байты более раннего элемента
operator-spared = открывать не нужно
operator-spared-note = элементы, которые никому не нужно открывать: известные, безвредные или похожие на уже просмотренный
operator-gaps-title = Что не проверено и почему
operator-found = Что найдено
operator-show-label = Показать:
operator-file-names = имена файлов
operator-th-outcome = Результат
operator-th-kind = Вид
operator-th-bytes = Байты
operator-th-list = Список
operator-th-entry = Запись
operator-th-by = По чему
operator-th-labels = Метки
operator-th-unchecked = Не проверено
operator-th-file = Файл
operator-cut = Всего элементов ({ $outcome }): { NUMBER($all) }; показаны первые { NUMBER($shown) }, все — в { $file }.
operator-alike-title = Неизвестные и похожие
operator-alike-note = Неизвестные изображения и видео, похожие на другие: { NUMBER($items) }, групп: { NUMBER($groups) }. Кто видел одно из группы, видел все.
operator-th-group = Группа
operator-th-items = Элементы
operator-th-first = Первый файл
operator-and-more = и ещё { NUMBER($count) }
operator-hidden = скрыто
operator-distance = { $signal }, { $bits ->
    [one] { NUMBER($bits) } бит
    [few] { NUMBER($bits) } бита
    [many] { NUMBER($bits) } бит
   *[other] { NUMBER($bits) } бита
    }

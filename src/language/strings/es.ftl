### status: machine

language-tag = es
language-name = español
language-direction = ltr

## Numbers and dates (Unicode CLDR 48)
## status: official

number-digits = 0123456789
number-group = .
number-decimal = ,
number-grouped-from = 5
number-minus = -
number-percent = { $number }{ "\u00A0" }%
number-range = { $low }-{ $high }
date-day = { $day } de { $month } de { $year }
date-month = { $month } de { $year }
date-quarter = { $first }–{ $last } de { $year }
date-span = { $first } – { $last }
month-1 = enero
month-2 = febrero
month-3 = marzo
month-4 = abril
month-5 = mayo
month-6 = junio
month-7 = julio
month-8 = agosto
month-9 = septiembre
month-10 = octubre
month-11 = noviembre
month-12 = diciembre
month-in-date-1 = enero
month-in-date-2 = febrero
month-in-date-3 = marzo
month-in-date-4 = abril
month-in-date-5 = mayo
month-in-date-6 = junio
month-in-date-7 = julio
month-in-date-8 = agosto
month-in-date-9 = septiembre
month-in-date-10 = octubre
month-in-date-11 = noviembre
month-in-date-12 = diciembre

## Operator

operator-outcome-known = conocido
operator-outcome-near = parecido
operator-outcome-ignored = ignorado
operator-outcome-unknown = desconocido
operator-outcome-unchecked = sin comprobar
operator-outcome-quarantined = en cuarentena
operator-outcome-deconfirmed = desconfirmado
operator-meaning-known = idéntico a un archivo de una lista
operator-meaning-near = se parece a una imagen de una lista; decide una persona
operator-meaning-near-all = se parece a una imagen o un vídeo de una lista; decide una persona
operator-meaning-ignored = en una lista de archivos inofensivos
operator-meaning-unknown = comprobado, en ninguna lista
operator-meaning-unknown-in-part = comprobado, no está en la parte consultada de las listas
operator-meaning-unchecked = sin comprobar o solo en parte, y no se encontró nada
operator-meaning-quarantined = coincide con una entrada en cuarentena; decide una persona
operator-meaning-deconfirmed = coincide con una entrada que aquí se desconfirmó
operator-summary = { $items ->
    [one] { NUMBER($items) } elemento
   *[other] { NUMBER($items) } elementos
    }, { $bytes }, en { $seconds } s ({ NUMBER($rate) } por segundo)
operator-watched = { $count ->
    [one] { NUMBER($count) } elemento
   *[other] { NUMBER($count) } elementos
    }, en una lista vigilada, sea cual sea el resultado
operator-suppressed = { $count ->
    [one] { NUMBER($count) } elemento
   *[other] { NUMBER($count) } elementos
    }, con una coincidencia que anula una lista de archivos inofensivos
operator-repeats = { $count ->
    [one] { NUMBER($count) } elemento tiene los bytes de uno anterior, que se decodificó para todos
   *[other] { NUMBER($count) } elementos tienen los bytes de uno anterior, que se decodificó para todos
    }
operator-alike = { NUMBER($items) } elementos desconocidos se parecen, en { $groups ->
    [one] { NUMBER($groups) } grupo
   *[other] { NUMBER($groups) } grupos
    }: basta ver uno de cada grupo
operator-part = Solo se consultó una parte de las listas ({ $selection }): { $entries ->
    [one] { NUMBER($entries) } entrada
   *[other] { NUMBER($entries) } entradas
    }; { NUMBER($rest) } no.
operator-not-allowed = No consultada: { $set }, porque { $reason }.
operator-gaps = Lo que no se comprobó, y por qué:
operator-excluded = Omitido como se pidió: { $count ->
    [one] { NUMBER($count) } archivo o carpeta
   *[other] { NUMBER($count) } archivos y carpetas
    }.
operator-links = No seguido: { $count ->
    [one] { NUMBER($count) } enlace
   *[other] { NUMBER($count) } enlaces
    }.
operator-queries = { $count ->
    [one] { NUMBER($count) } consulta
   *[other] { NUMBER($count) } consultas
    }
operator-comma = { ", " }
operator-count = { NUMBER($count) } { $what }
operator-watched-word = vigilado
operator-suppressed-word = anulado
operator-verdicts = Veredictos (locales, no se comparten): { $path }
operator-page = Una página para empezar: { $path }
operator-signed = Firmado; para comprobarlo más tarde: { $command }
operator-more = … y más, más lejanos
operator-where = Dónde mirar:
operator-public = la página pública
operator-release = la publicación firmada
operator-local-verdicts = los veredictos locales
operator-run = Ejecución { $run }
operator-lists = { $program }; listas: { $lists }
operator-revision = { $set } (revisión { $revision })
operator-show = mostrar { $what }
operator-names = mostrar nombres de archivo
operator-local = Local, no se comparte.
operator-hidden-note = No se muestra ninguna imagen; los nombres de archivo están ocultos hasta que los pida.
operator-unreviewed = Ningún hablante de este idioma ha revisado las palabras de esta página.
operator-numbers = En cifras
operator-items = elementos
operator-with-verdict = con un veredicto
operator-inside = dentro
operator-inside-note = hallados dentro de archivos comprimidos, correos y documentos
operator-repeats-word = repetidos
operator-repeats-note = tienen los bytes de un elemento anterior
operator-spared = no hace falta abrir
operator-spared-note = elementos que nadie tiene que abrir: conocidos, inofensivos o parecidos a uno ya visto
operator-gaps-title = Lo que no se comprobó, y por qué
operator-found = Lo que se encontró
operator-show-label = Mostrar:
operator-file-names = nombres de archivo
operator-th-outcome = Resultado
operator-th-kind = Tipo
operator-th-bytes = Bytes
operator-th-list = Lista
operator-th-entry = Entrada
operator-th-by = Por
operator-th-labels = Etiquetas
operator-th-unchecked = Sin comprobar
operator-th-file = Archivo
operator-cut = De { NUMBER($all) } elementos ({ $outcome }) se muestran los primeros { NUMBER($shown) }; todos están en { $file }.
operator-alike-title = Desconocidos y parecidos
operator-alike-note = { NUMBER($items) } imágenes y vídeos desconocidos se parecen a otros, en { NUMBER($groups) } grupos. Quien ha visto uno de un grupo los ha visto todos.
operator-th-group = Grupo
operator-th-items = Elementos
operator-th-first = Primer archivo
operator-and-more = y { NUMBER($count) } más
operator-hidden = oculto
operator-distance = { $signal }, { $bits ->
    [one] { NUMBER($bits) } bit
   *[other] { NUMBER($bits) } bits
    }

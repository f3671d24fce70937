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

## The frame of every page

site-one = Cifras de { $publisher }
site-many = Cifras de varias organizaciones
page-title = { $page } – { $site }
list-separator = { ", " }
colon = { ": " }
stop = { ". " }
in-brackets = { " " }({ $text })
skip = Ir al contenido
nav-pages = Páginas
nav-overview = Visión general
nav-releases = Publicaciones
nav-method = Cómo leer las cifras
nav-data = Datos
nav-glossary = Glosario
nav-brief = En breve
languages = Idiomas
on-this-page = En esta página
demo-sign = DEMO
demo-text = Datos inventados sobre imágenes generadas e inofensivas; estas cifras no describen nada.
# Shown where a text was translated by a machine.
unreviewed-machine = Los textos de esta página los tradujo una máquina y ninguna persona de habla española los ha revisado. Pueden contener errores. La página en inglés es la de referencia.
# Shown where a text was written for this project and checked by nobody else.
unreviewed-draft = Los textos de esta página se escribieron para este proyecto y nadie más ha revisado todavía su redacción.
# Shown where some texts of the page are checked and some are not.
unreviewed-some = Los textos con la marca { $mark } no los ha revisado ninguna persona que hable el idioma y pueden contener errores.
review-lacking = Textos de esta página que están en inglés porque faltan en este idioma: { NUMBER($count) }.
english-words = En inglés, palabra por palabra, del manifiesto firmado:
footer-made = Hecho con { $program } únicamente a partir de publicaciones firmadas: recuentos que se protegieron antes de salir de la organización.
footer-nothing = Estas páginas no cargan nada de otros sitios, no instalan cookies y no observan a nadie.

## The page on which a language is chosen

start-what = Lo que se encuentra y se gestiona en la protección de niñas, niños y adolescentes contra el abuso sexual, en cifras publicadas: qué se contó, cómo cambió y qué no dicen las cifras.
start-latest = Último período: { $period }

## Counts, ranges and sums

count-items = { $count ->
    [one] { NUMBER($count) } elemento
    [many] { NUMBER($count) } de elementos
   *[other] { NUMBER($count) } elementos
}
count-reports = { $count ->
    [one] { NUMBER($count) } denuncia
    [many] { NUMBER($count) } de denuncias
   *[other] { NUMBER($count) } denuncias
}
count-urls = { $count ->
    [one] { NUMBER($count) } dirección web
    [many] { NUMBER($count) } de direcciones web
   *[other] { NUMBER($count) } direcciones web
}
withheld = no publicado
near-threshold-title = Justo por encima del nivel por debajo del cual las cifras no se publican; tales cifras tienden a ser demasiado altas.
near-mark-note = { $mark } Justo por encima del nivel por debajo del cual las cifras no se publican; tales cifras tienden a ser demasiado altas.
all-groups = Todos los grupos juntos
# $what is the label of a code that has rows below it in the same table.
rest-of = { $what }, el resto
rest-note = «El resto»: la fila solo cuenta lo que no tiene fila propia en la tabla, y no todo lo que dice su nombre.
sum-shown = Suma de las cifras mostradas
# $count is a count with its unit, $low and $high are numbers.
sum-sentence = Aproximadamente { $count }, en { $period }. Teniendo en cuenta lo que no se publica, el número real está entre { $low } y { $high } en al menos 95 de cada 100 casos.
# The same where something is withheld.
sum-between = Entre { $low } y { $high } en { $period }, en al menos 95 de cada 100 casos; las cifras mostradas suman { $count }.
sum-leaves-out = { $withheld ->
    [one] De los { NUMBER($cells) } grupos de la tabla, { NUMBER($withheld) } no se publica y queda fuera de la suma.
   *[other] De los { NUMBER($cells) } grupos de la tabla, { NUMBER($withheld) } no se publican y quedan fuera de la suma.
}
sum-near = { $near ->
    [one] Una de las cifras sumadas está justo por encima del umbral, donde las cifras tienden a ser demasiado altas.
   *[other] { NUMBER($near) } de las cifras sumadas están justo por encima del umbral, donde las cifras tienden a ser demasiado altas.
}
nothing-shown = No se pudo publicar ninguna cifra de este período: { $period }. Cada una era tan pequeña que podría haber revelado algo sobre un caso concreto, así que no se publica ninguna. No lo lea como un cero: puede no haber habido ninguno o haber habido algunos, y estas páginas no permiten saberlo.
not-children = Se trata de contenidos, denuncias o direcciones web. No son niñas, niños ni adolescentes, no son personas que hicieron algo, y no son una medida de cuánto abuso existe.

## Changes

change-none = Sin cambio claro desde { $before }: con el azar añadido y con lo que no se publica, puede haber habido más, menos o la misma cantidad.
# $difference, $low and $high are numbers.
change-more = { $difference } más que en { $before }; la diferencia real está entre { $low } y { $high } en al menos 95 de cada 100 casos.
change-fewer = { $difference } menos que en { $before }; la diferencia real está entre { $low } y { $high } en al menos 95 de cada 100 casos.
# Where something is withheld in one of the two periods: what is shown moves with the threshold too.
change-more-between = Teniendo en cuenta lo que no se publica, entre { $low } y { $high } más que en { $before }, en al menos 95 de cada 100 casos.
change-fewer-between = Teniendo en cuenta lo que no se publica, entre { $low } y { $high } menos que en { $before }, en al menos 95 de cada 100 casos.
change-withheld = No se puede comparar con { $before }: en uno de los dos períodos hay algo que no se publica.
change-broken = No se puede comparar con { $before }: entretanto cambió la forma de comparar los elementos con las listas.
change-missing = No hay cifras de { $before }.
change-short-none = sin cambio claro
change-short-withheld = no publicado
change-short-broken = no comparable
change-short-missing = sin cifras

## Overview

overview-lead-one = { $publisher } cuenta lo que comprueba y gestiona en la protección de niñas, niños y adolescentes contra el abuso sexual, y publica los recuentos. Aquí están las cifras, cómo cambiaron y lo que no dicen.
overview-lead-many = { $count ->
    [one] Una organización cuenta lo que comprueba y gestiona en la protección de niñas, niños y adolescentes contra el abuso sexual, y publica los recuentos. Aquí están las cifras, cómo cambiaron y lo que no dicen.
   *[other] { NUMBER($count) } organizaciones cuentan lo que comprueban y gestionan en la protección de niñas, niños y adolescentes contra el abuso sexual, y publican los recuentos. Aquí están las cifras, cómo cambiaron y lo que no dicen.
}
overview-span = { $count ->
    [one] Una publicación: { $last }.
   *[other] { NUMBER($count) } publicaciones, de la primera ({ $first }) a la última ({ $last }).
}
why-published = Por qué se publica
findings-title = Lo que las cifras permiten afirmar
findings-lead = Hasta tres conclusiones sobre la tabla que encabeza el plan de la organización que publica, elegidas con una regla fija entre todas las comparaciones del último período. Sus intervalos son más amplios que en el resto de las páginas, de modo que en al menos 95 de cada 100 períodos todas se cumplen a la vez.
# $what is an indicator, $share, $low and $high of a share have their percent sign, $group a group of its table or “All groups together”; $after is a count with its unit.
finding-rise = { $what } – { $group }: las cifras mostradas suman { $after } en { $to }, { $difference } más que en { $from }. Teniendo en cuenta lo que no se publica, la diferencia real está entre { $low } y { $high } más.
finding-fall = { $what } – { $group }: las cifras mostradas suman { $after } en { $to }, { $difference } menos que en { $from }. Teniendo en cuenta lo que no se publica, la diferencia real está entre { $low } y { $high } menos.
# $change is change-more-between or change-fewer-between.
finding-between = { $what } – { $group }, { $to }: { $change }
finding-share = { $what } – { $group }: la parte más grande en { $to }, aproximadamente el { $share } de la suma de las cifras mostradas. Respecto del total, teniendo en cuenta lo que no se publica, la parte real está entre el { $low } y el { $high }.
finding-level = { $what } – { $group }: las cifras mostradas suman { $after } en { $to }. Teniendo en cuenta lo que no se publica, el número real está entre { $low } y { $high }.
finding-no-change = { $what } – { $group }: sin cambio claro. Las cifras mostradas suman { $after } en { $to } y { $before } en { $from }; con el azar añadido y con lo que no se publica, puede haber habido más, menos o la misma cantidad.
finding-nothing = Las cifras no permiten ninguna conclusión. Lo que se muestra del último período es demasiado poco, o no se puede comparar con los anteriores.
newest-title = Las cifras más recientes
newest-lead = Cada cifra es una estimación: se añadió a propósito un poco de azar, para que apenas dependa de un caso concreto.
not-added = Varias tablas pueden mostrar los mismos elementos, denuncias o direcciones de distintas maneras, y las unidades son diferentes. Las cifras de tablas distintas nunca se suman.
organisations-not-added = Un elemento que varias organizaciones cuentan está en las cifras de cada una. Las cifras de distintas organizaciones no se suman aquí.
read-first-title = Antes de usar una cifra
read-first-more = Todo: cómo leer estas cifras

## A table over time

# $what is an indicator, $by the dimensions of its groups.
series-title = { $what }: { $by }
series-what = Qué se cuenta
series-unit = La unidad
series-area = Qué indica el país o la región
series-trend = A lo largo del tiempo
series-trend-caption = { $what }, todos los grupos juntos, de { $first } a { $last }
series-trend-one = { $what }, todos los grupos juntos, { $last }. Hasta ahora hay un solo período; para una línea hacen falta dos.
series-trend-text = La línea es la suma de las cifras que se muestran. La banda que la rodea indica dónde está el número real de todos los grupos en al menos 95 de cada 100 casos, teniendo en cuenta lo que no se publica.
legend-line = Suma de las cifras mostradas
legend-band = Dónde está el número real, en al menos 95 de cada 100 casos
legend-gap = No se pudo mostrar nada, o no se publicó nada: un hueco no es cero
legend-break = Cambió la forma de comparar los elementos con las listas: no compare un lado de esta línea con el otro
small-title = Cada grupo a lo largo del tiempo
small-text = Cada gráfico pequeño tiene su propia escala, que empieza en cero. La banda es el intervalo del número real; donde la línea se interrumpe, la cifra no se publica.
small-never = No publicado en ningún período
small-table-caption = { $what } – { $by }: la cifra y, debajo, el intervalo del número real
latest-title = El último período: { $period }
latest-caption = { $what }, { $period }: todos los grupos que se muestran
latest-text = La barra termina en la cifra; la línea fina que cruza su extremo es el intervalo del número real.
latest-withheld = { $count ->
    [one] Hay otro grupo que no se publica
   *[other] Hay otros { NUMBER($count) } grupos que no se publican
}
latest-none-withheld = No falta ningún grupo: se publican todos.
compare-title = Comparación con períodos anteriores
compare-caption = { $now }, en comparación con { $before } y con { $year }
compare-text = «Sin cambio claro» significa que el intervalo del 95 % de la diferencia contiene el cero: las cifras no muestran si hubo más o menos. De cada veinte comparaciones como estas, aproximadamente una parece clara solo por azar; por eso los intervalos de las conclusiones son más amplios.
col-group = Grupo
col-now = Ahora
col-before = Período anterior
col-year = Un año antes
col-change = Cambio
col-period = Período
col-figure = Cifra
col-low = Desde
col-high = Hasta
col-withheld = Grupos no publicados
col-note = Nota
note-break = ruptura de la serie
withheld-why-title = Qué no se publica, y por qué
withheld-why = { $withheld ->
    [0] Período: { $period }. Se publican las cifras de los { NUMBER($cells) } grupos; no falta ninguna.
    [one] Período: { $period }. Una de las { NUMBER($cells) } cifras no se publica, porque era inferior a { $threshold } una vez añadido el azar.
   *[other] Período: { $period }. { NUMBER($withheld) } de las { NUMBER($cells) } cifras no se publican, porque eran inferiores a { $threshold } una vez añadido el azar.
}
withheld-why-text = Una cifra tan pequeña podría revelar algo sobre un caso concreto. No lea una cifra no publicada como un cero: puede no haber habido ninguno o haber habido algunos.
breaks-title = Rupturas de la serie
breaks-text = Algo cambió en la forma de comparar los elementos con las listas, de modo que los recuentos variaron sin ningún cambio en la realidad. Las cifras de antes y de después no deben compararse.
break-list-within = { $period }: cambiaron listas de una clase ({ $class }) durante el período
break-list-before = { $period }: cambiaron listas de una clase ({ $class }) desde el período anterior
break-program-within = { $period }: cambió el programa o un ajuste durante el período
break-program-before = { $period }: cambió el programa o un ajuste desde el período anterior
table-of-chart = La tabla de este gráfico
all-figures = Todas las cifras de todos los períodos están en las publicaciones y en los datos.

## Reading with a script on

reader-label = Leer los valores a lo largo de la línea
filter-label = Mostrar las filas que contienen

## Releases

releases-title = Todas las publicaciones
releases-lead = Cada publicación contiene las tablas de un período, firmadas por la organización que publica. Nunca cambia; una corrección es una nueva publicación que sustituye a la anterior.
releases-older = Las páginas de las publicaciones más de dos años anteriores a la última están en un solo idioma ({ $language }). Sus cifras a lo largo del tiempo están en las páginas de las tablas.
col-publisher = Organización
col-published = Fecha de publicación
col-release = Publicación
release-of = Publicación de { $period }
release-lead = Lo que { $publisher } publicó el { $day } sobre { $period }.
release-revision = Revisión { $revision }
release-supersedes = Sustituye a
release-superseded = Una revisión posterior sustituye a esta publicación. Sus cifras se conservan y no entran en ninguna evolución.
release-superseded-short = sustituida
release-figures = Sus cifras
release-table-text = El número real no se aparta de una cifra más de { $half }, en al menos 95 de cada 100 casos. «{ $withheld }» significa que la cifra era inferior a { $threshold } después de añadir el azar; el número real puede ser cero o un número pequeño.
release-rounding = Las cifras se redondean a un múltiplo de { $rounding }.
release-protection = Su protección, en cifras
release-files = Sus archivos
release-file-table = las cifras de una tabla, para una hoja de cálculo o un programa
release-file-manifest = qué se contó y cómo se protegió, para un programa
release-file-signature = la firma del manifiesto por la organización que publica
release-file-log = el lugar de la publicación en el diario en que la organización anota todas sus publicaciones
release-cite = Cómo citar esta publicación
release-notes = Notas de la organización que publica
release-lists = Listas con las que se comparó
release-list = { $class }, última revisión: { $period }
exact-what = Qué
exact-epsilon = Épsilon de esta publicación
exact-epsilon-text = El límite de lo que todas sus tablas juntas pueden revelar sobre un elemento, una denuncia o una dirección. Cuanto más pequeño, más estricto.
exact-cap = Épsilon que permite un período
exact-cap-text = El presupuesto. El libro de registro no deja sobrepasarlo.
exact-table-epsilon = Épsilon de una tabla
exact-sensitivity = Sensibilidad
exact-noise = Desviación típica del azar añadido
exact-half = Mitad del intervalo
exact-k = k
exact-beta = Probabilidad de que se muestre un recuento inferior a k
exact-threshold = Umbral
exact-rounding = Redondeo
exact-caption = La protección de cada tabla
exact-k-text = Los recuentos reales inferiores a k no deben publicarse; la probabilidad de que, aun así, uno se muestre es como máximo la indicada.
by-table = { $low } a { $high }, según la tabla

## How to read this

method-title = Cómo leer estas cifras
method-lead = Qué dice una cifra, qué no dice, cómo se protege a las personas y cómo puede comprobarse todo.
reading-title = Las palabras junto a una cifra
reading-about = «Aproximadamente»
reading-about-text = Cada cifra es una estimación. Se añadió a propósito un poco de azar, para que apenas dependa de un caso concreto. En al menos 95 de cada 100 casos, el número real está dentro del intervalo que se indica al lado.
reading-withheld = «No publicado»
reading-withheld-text = Las cifras inferiores a { $threshold } no se publican. El número real puede ser cero, o puede ser mayor. No lea nunca una casilla vacía como un cero.
reading-near = «Cerca del umbral»
reading-near-text = Justo por encima de ese nivel solo se ven las cifras que salieron altas. Están marcadas: tómelas como probablemente demasiado altas.
reading-no-change = «Sin cambio claro»
reading-no-change-text = La diferencia entre dos cifras también es incierta. Si su intervalo del 95 % contiene el cero, decimos que no hay un cambio claro: puede haber habido más, menos o la misma cantidad.
reading-sum = «Suma de las cifras mostradas»
reading-sum-text = Una suma reúne lo que se muestra y dice cuántos grupos deja fuera. Su intervalo tiene en cuenta lo que estos pueden contener. Una suma de varios meses cuenta un elemento una vez por cada mes.
reading-item = «Elemento», «denuncia», «dirección web»
reading-item-text = Tres unidades que nunca se suman. Un elemento es un contenido, contado una vez en un período por muchas veces que se haya encontrado. Una denuncia es lo que alguien envió; puede tratar de muchos elementos o de ninguno.

caveats-title = Lo que estas cifras no dicen
caveat-prevalence = El volumen no es la prevalencia.
caveat-prevalence-text = Las cifras varían según cuánto se comprueba, las obligaciones de denunciar, las plataformas y las herramientas. No miden cuánto abuso existe.
caveat-children = No son un número de niñas, niños y adolescentes, ni un número de personas que cometen delitos.
caveat-children-text = Una misma niña o un mismo niño puede aparecer en muchos elementos, y un mismo elemento puede haberlo difundido mucha gente, o nadie.
caveat-units = Las unidades distintas no se suman.
caveat-units-text = Una denuncia, una dirección web y un elemento son cosas diferentes, y varias tablas pueden mostrar lo mismo de distintas maneras.
caveat-country = Un país no significa nada sin su papel.
caveat-country-text = Es donde algo se almacenó, se subió, se denunció o se juzgó; la página dice cuál de ellos. No dice nada de la población del país.
caveat-match = Una coincidencia muestra lo que la lista conoce.
caveat-match-text = Solo puede coincidir lo que alguien ya encontró, juzgó e incluyó en una lista. Que no haya coincidencia no muestra nada.
caveat-lists = Una lista que crece hace variar los recuentos.
caveat-lists-text = Más coincidencias pueden significar una lista más larga, sin ningún cambio en la realidad.
caveat-noise = Las diferencias pequeñas no significan nada.
caveat-noise-text = Las diferencias dentro del intervalo indicado pueden deberse al azar. De cifras inferiores a 50 no debe deducirse ninguna tendencia.
caveat-blank = Una casilla vacía no es un cero.
caveat-blank-text = Solo dice que la cifra era demasiado pequeña para publicarse.
caveat-categories = Las categorías vienen de quienes juzgaron.
caveat-categories-text = La gravedad, la edad y el tipo de daño son los que registró la fuente. Al pasar de una clasificación a otra se pierde detalle.
caveat-near = Un parecido no es una constatación.
caveat-near-text = Los sistemas informáticos señalan el parecido; una persona decide. Los elementos parecidos nunca se cuentan como idénticos.
caveat-break = Donde cambió el método, la serie se rompe.
caveat-break-text = Nuevas formas de comparar u otros límites hacen variar los recuentos. Las rupturas están marcadas, y nada se compara entre un lado y otro.

protection-title = Cómo se protege a las personas
protection-counts = Solo salen recuentos.
protection-counts-text = Estas páginas se hacen a partir de recuentos por período. Para hacerlas no salió de la organización ninguna imagen, ningún nombre de archivo, ninguna huella ni ninguna fecha más precisa.
protection-noise = Se añade azar: el ruido.
protection-noise-text = A cada recuento, ceros incluidos, se le sumó o restó un número entero aleatorio antes de que nadie de fuera pudiera verlo; en al menos 95 de cada 100 casos, no más de { $half }. Así, una cifra apenas depende de si un elemento concreto estaba o no.
protection-threshold = Las cifras pequeñas se retienen: el umbral.
protection-threshold-text = Lo que es inferior a { $threshold } después del ruido no se publica. Un recuento real inferior a { $k } se muestra con una probabilidad de { $beta } como máximo.
one-in = 1 entre { NUMBER($count) }
protection-budget = La publicación está racionada: el presupuesto.
protection-budget-text = Cada publicación consume una parte de lo que permiten sus meses; cuando se agota, no se publica nada más sobre ellos. La última publicación usa un épsilon de { $epsilon } sobre { $cap }. La misma tabla nunca se sortea una segunda vez, porque el promedio de muchos sorteos revelaría el número real.
protection-plan = Las tablas se eligieron primero.
protection-plan-text = Lo que se contaría se registró el { $day }, para { $period } y los períodos siguientes, antes de que hubiera nada que contar. Nadie eligió las tablas mirando los números.

risk-title = El riesgo que queda
risk-text = Las cifras se publican con un riesgo declarado y acotado para cada elemento; el riesgo no es nulo. Supongamos que a alguien solo le quedan dos hipótesis, igual de probables: un elemento concreto se contó, o no se contó. Con todo lo que contiene la última publicación, y con cualquier otro conocimiento que deje las dos igual de probables, acierta como máximo { $percent } veces de cada 100, en lugar de 50.
risk-people = La promesa se hace para un elemento, una denuncia o una dirección web, no para una persona. Quien aparece en muchos elementos está menos protegido, y también lo está un elemento que cuentan varias organizaciones o que se cuenta en varios períodos: los riesgos se suman.

hash-title = Qué es una huella (hash)
hash-text = La huella de un archivo, en inglés «hash», es un número corto que un sistema informático calcula a partir de él; no es la imagen. Las líneas de denuncia y otros organismos comparten listas de huellas de archivos que personas con formación ya han juzgado, por ejemplo material de abuso sexual de niñas, niños y adolescentes. Así, un sistema informático puede decir «este ya se conoce» o «este se parece mucho a uno conocido», y nadie tiene que volver a mirar la imagen para saberlo.

check-title = Compruébelo por su cuenta
check-lead = La firma muestra que los archivos son de la organización que publica y que nada se ha cambiado desde entonces. Necesita la clave pública de esa organización, innerward.pub; obténgala por una vía distinta de estas páginas.
check-innerward = Con innerward, todo a la vez; FOLDER es una carpeta que contiene los archivos de una publicación y nada más:
check-minisign = O sin él, con la herramienta habitual minisign, en esa carpeta:
check-table = El manifiesto firmado indica la suma de verificación BLAKE3 de cada tabla; b3sum debe dar:
check-site = Estas páginas pueden volver a hacerse a partir de las publicaciones, byte por byte:
witness-title = Testigo del libro de registro
witness-none = Ninguno. Nadie de fuera ha confirmado que el libro de registro de la organización no se haya devuelto a un estado anterior.

## Data

data-title = Usar los datos
data-lead = Todo lo que hay en estas páginas, en archivos que las hojas de cálculo, los programas de estadística y los catálogos de datos cargan tal como están. Todos dicen lo mismo.
data-downloads = Descargas
col-file = Archivo
col-use = Para qué sirve
form-csv = Tablas sencillas, una por serie: una línea de encabezado y después una línea de etiquetas HXL
form-observations = Todas las observaciones en una sola tabla, una fila por cifra: el archivo que describen los paquetes
form-columns = Cada columna: nombre, definición, tipo, unidad, etiqueta HXL
form-codes = Listas de códigos con sus denominaciones en los distintos idiomas
form-frictionless = Paquete Frictionless Data, para herramientas de datos de muchos tipos
form-cdm = Carpeta de Microsoft Common Data Model, para herramientas de gestión y bases de datos
form-sdmx = SDMX-CSV 2.0 con su estructura, para institutos de estadística
form-croissant = Croissant, para la búsqueda de conjuntos de datos y el aprendizaje automático
form-agreement = Los compromisos con los que se comparten los datos
form-citation = Cómo citar, para gestores de referencias
form-readme = Qué hay en la carpeta
form-licence = La licencia de los datos
form-crosswalk = Cómo se relacionan nuestros códigos con los de otras clasificaciones, y qué se pierde en cada paso
form-json-schema = JSON Schema, para programas que comprueban los datos al recibirlos
form-skos = El vocabulario como datos enlazados (SKOS)
form-releases = Las publicaciones firmadas, byte por byte tal como se publicaron
data-columns = Las columnas
data-columns-text = Una fila es una cifra. Una columna que una tabla no usa contiene _T, «total».
col-name = Nombre
col-meaning = Significado
data-status = Cómo se marca una cifra
data-status-e = una estimación: se añadió ruido
data-status-u = una estimación cerca del umbral, probablemente demasiado alta
data-status-q = no publicado: el valor está vacío, y no debe leerse como un cero
data-joins = Combinar con otros datos
data-joins-text = Los códigos de países y regiones son los de las normas ISO 3166-1 y M49 de las Naciones Unidas. Unas tablas de correspondencia relacionan nuestros códigos con los de ministerios, líneas de denuncia y plataformas. Antes de combinar, fíjese en la unidad y en qué representa el país.
data-cite = Cómo citar
data-licence = Licencia de los datos
licence-cc-by-4-0 = puede copiar, compartir y reutilizar los datos si indica de dónde proceden
licence-cc0-1-0 = puede usar los datos sin pedir permiso y sin condiciones
data-contact = Preguntas
no-contact = La organización que publica no indica ningún contacto.
bd4d-title = Las promesas con las que se comparten los datos
bd4d-lead = Una lista de comprobación alineada con los siete compromisos del Better Deal for Data, en nuestras propias palabras. La declara la organización que publica, y nadie la ha certificado.
bd4d-1 = Finalidad: los datos sirven a las personas, y no al lucro privado. La finalidad consta en cada manifiesto firmado.
bd4d-2 = Propiedad: lo que es de otros sigue siendo suyo. Las listas siguen siendo de sus dueños y nunca se nombran.
bd4d-3 = Control: lo que está mal se corrige. Una corrección es una nueva publicación que sustituye a la anterior.
bd4d-4 = Sin venta: los datos son gratuitos, con la licencia indicada arriba.
bd4d-5 = Protección: sale lo menos posible, con ruido, umbrales y un presupuesto.
bd4d-6 = Investigación: los métodos y el libro de registro son públicos, para que cualquiera pueda comprobar y usar los resultados.
bd4d-7 = Carácter vinculante: los compromisos acompañan a los datos, en una forma que los programas leen.

## Glossary

glossary-title = Glosario
glossary-lead = Las palabras de estas páginas, los términos del ámbito y los códigos de los datos.
glossary-words = Palabras usadas aquí
word-budget = Presupuesto
word-budget-text = Lo que un período permite en todas las publicaciones juntas, medido en épsilon.
word-epsilon = Épsilon
word-epsilon-text = La medida del riesgo que una publicación añade para un elemento. Cuanto más pequeña, más estricta.
word-hash = Huella (hash)
word-hash-text = Lo que permite reconocer un archivo: un número corto que se calcula a partir de él.
word-item = Elemento
word-item-text = Un contenido, por ejemplo una imagen. Se cuenta una vez en un período.
word-ledger = Libro de registro
word-ledger-text = El libro en que la organización anota lo que se publicó de cada período y el presupuesto que eso consumió.
word-list = Lista
word-list-text = Un conjunto de huellas de archivos que unas personas ya han juzgado, compartido entre organizaciones que protegen a niñas, niños y adolescentes.
word-look-alike = Elemento parecido
word-look-alike-text = Un elemento cuya imagen se parece mucho a una de una lista, por ejemplo una copia más pequeña. Una persona decide.
word-noise = Ruido
word-noise-text = Un número entero aleatorio que se suma a un recuento o se le resta antes de publicarlo.
word-range = Intervalo
word-range-text = Dos números entre los que está el número real en al menos 95 de cada 100 casos.
word-release = Publicación
word-release-text = Las tablas de un período, protegidas, firmadas y publicadas.
word-threshold = Umbral
word-threshold-text = El nivel por debajo del cual una cifra, ruido incluido, no se publica.
word-withheld = No publicado
word-withheld-text = Ausente por ser demasiado pequeño para publicarse. No debe leerse como un cero.
terms-title = Términos del ámbito
terms-lead = Estos son los términos preferidos. Siguen las orientaciones terminológicas internacionales para la protección de niñas, niños y adolescentes contra la explotación y el abuso sexuales (Terminology Guidelines). Aquí no se usan palabras que culpen a una niña o un niño, ni palabras que llamen de otro modo al abuso.
usage-selfgen = Úsese con cautela: nunca implica consentimiento ni culpa.
codes-title = Códigos de los datos
codes-lead = Todas las dimensiones y todos los códigos que aparecen en estas publicaciones. «{ $total }» significa todo junto.
col-code = Código
col-label = Denominación

## In brief

brief-title = En breve: { $period }
brief-lead = Dos páginas para imprimir, entregar o guardar como PDF desde el navegador.
brief-figures = Las cifras
brief-figures-caption = El último período de cada tabla, comparado con el anterior
brief-caveats = Por favor, dígalo cuando cite una cifra
brief-protected = Cómo se protegen las cifras
brief-protected-text = A cada recuento se le añadió azar antes de publicarlo, y las cifras inferiores a un umbral no se publican. El riesgo para un elemento concreto está declarado y acotado; no es nulo. Todo lo firmó la organización que publica y puede comprobarse.
brief-source = Fuente
brief-text = La versión de un párrafo, para un mensaje
brief-brackets = Entre paréntesis: dónde está el número real, en al menos 95 de cada 100 casos, teniendo en cuenta lo que no se publica.
brief-more = { $count ->
    [one] Hay una tabla más que no se muestra aquí.
    [many] Hay { NUMBER($count) } de tablas más que no se muestran aquí.
   *[other] Hay { NUMBER($count) } tablas más que no se muestran aquí.
}

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

//! Pages without what HTML lets one leave out: most of a table of figures is closing tags.

/// Closing tags that the next one implies, wherever these pages use them.
const IMPLIED: [&str; 8] = ["</td>", "</th>", "</tr>", "</tbody>", "</thead>", "</li>", "</dt>", "</dd>"];

/// The same document in fewer bytes: without [`IMPLIED`] tags, and without quotes around plain words. What a publisher
/// wrote has no `<` and no `"` left in it here, so nothing of it can be taken for either.
pub(super) fn squeezed(page: &str) -> String {
    let mut text = String::with_capacity(page.len());
    let mut rest = page;
    while let Some(start) = rest.find('<') {
        text.push_str(&rest[..start]);
        rest = &rest[start..];
        if let Some(tag) = IMPLIED.iter().find(|tag| rest.starts_with(**tag)) {
            rest = &rest[tag.len()..];
            continue;
        }
        // No attribute of these pages holds a `>`: `maud` escapes it.
        let end = rest.find('>').map_or(rest.len(), |end| end + 1);
        unquoted(&rest[..end], &mut text);
        rest = &rest[end..];
    }
    text.push_str(rest);
    text
}

/// A tag with quotes only where they are needed.
fn unquoted(tag: &str, text: &mut String) {
    if tag.ends_with("/>") {
        text.push_str(tag); // of a drawing, where a slash would become part of the value
        return;
    }
    let mut rest = tag;
    while let Some((before, after)) = rest.split_once("=\"") {
        text.push_str(before);
        text.push('=');
        let (value, after) = after.split_once('"').unwrap_or((after, ""));
        let plain = !value.is_empty()
            && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        if plain {
            text.push_str(value);
        } else {
            text.push('"');
            text.push_str(value);
            text.push('"');
        }
        rest = after;
    }
    text.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_implied_goes() {
        let page = "<table class=\"a b\"><tr><th scope=\"row\">1 &lt; 2</th><td class=\"w\">x</td></tr></table><line x1=\"4\"/>";
        let short = "<table class=\"a b\"><tr><th scope=row>1 &lt; 2<td class=w>x</table><line x1=\"4\"/>";
        assert_eq!(squeezed(page), short);
    }

    #[test]
    fn values_that_need_quotes_keep_them() {
        let tag = "<a href=\"../x.html\" title=\"\" aria-label=\"a b\">";
        assert_eq!(squeezed(tag), tag, "a path has a slash, an empty value has nothing");
    }
}

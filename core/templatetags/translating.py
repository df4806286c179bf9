"""Django's translation tags under their usual name, `i18n`, but with only one full stop at the end of a sentence."""

from django import template
from django.template.base import Node, Parser, Token
from django.template.context import Context
from django.templatetags import i18n
from django.utils.safestring import SafeString

from core.sentences import one_stop

register = template.Library()
register.tags.update(i18n.register.tags)
register.filters.update(i18n.register.filters)


class SentenceNode(Node):
    """A translated text with facts, some of which end with a full stop: an amount in `kr.`, a short date."""

    def __init__(self, told: i18n.BlockTranslateNode) -> None:
        self.told = told

    def render(self, context: Context) -> SafeString:
        """Return the text, or set the tag's variable; facts are escaped as usual."""
        text = self.told.render(context)
        if self.told.asvar:
            context[self.told.asvar] = SafeString(one_stop(context[self.told.asvar]))
        return SafeString(one_stop(text))


@register.tag("blocktranslate")
@register.tag("blocktrans")
def sentence(parser: Parser, token: Token) -> SentenceNode:
    """Translate a block of text, as Django's own tag does."""
    return SentenceNode(i18n.do_block_translate(parser, token))

"""What a call cost, from the price list that genai-prices brings along. No request is made for it."""

from __future__ import annotations

from .._chat import Usage


def cost(provider: str, model: str, usage: Usage, tier: str | None = None) -> float | None:
    """US dollars, or None: an unknown model and unknown usage are unpriced, never 0.

    Args:
        provider: who was paid, as genai-prices names it (`openai`, ...). A scripted answer is paid to nobody: do not ask.
        model: the model's name.
        usage: what the provider counted.
        tier: the service tier that the provider says it used, such as `flex`.
    """
    if usage.input_tokens is None or usage.output_tokens is None:
        return None
    import genai_prices

    # genai-prices fetches newer prices only where a program starts its `UpdatePrices`; this call reads what is there.
    try:
        price = genai_prices.calc_price(
            genai_prices.Usage(
                input_tokens=usage.input_tokens,
                output_tokens=usage.output_tokens,
                cache_read_tokens=usage.cached_input_tokens or 0,
            ),
            model,
            provider_id=provider,
            price_context={"service_tier": tier} if tier else None,
        )
    except (LookupError, ValueError):
        return None
    return float(price.total_price)

"""Measured rows as a table or as JSON: medians, spreads, rates, peak memory, ratios, bars."""

import statistics


def verdict(ratio, must, unit):
    return f"{ratio:.2f} {unit}, must >= {must:g}: {'reached' if ratio >= must else 'MISSED'}"


def bar_fields(row, variant):
    bars = [bar for bar in row.bars if bar.variant == variant and bar.against in row.seconds]
    ratios = [(bar, row.ratio(variant, bar.against)) for bar in bars]
    return [
        {
            "against": bar.against,
            "ratio": round(ratio, 3),
            "must": bar.at_least,
            "reached": ratio >= bar.at_least,
        }
        for bar, ratio in ratios
    ]


def limit_fields(row, variant):
    median = row.median(variant)
    bars_reached = all(bar["reached"] for bar in bar_fields(row, variant))
    return [
        {
            "must_s": round(limit.at_most_s, 6),
            "reached": median <= limit.at_most_s or (limit.or_bars and bars_reached),
        }
        for limit in row.limits
        if limit.variant == variant
    ]


def variant_fields(row, variant):
    seconds = row.seconds[variant]
    fields = {
        "variant": variant,
        "median_s": round(row.median(variant), 6),
        "min_s": min(seconds),
        "max_s": max(seconds),
        "bytes_per_s": round(row.size_bytes / row.median(variant)),
        "cpu_s": round(statistics.median(row.cpu_s[variant]), 6),
        "peak_mib": round(max(row.peak_kib[variant]) / 1024, 1),
        "busy_runs": row.busy[variant],
        "bars": bar_fields(row, variant),
        "limits": limit_fields(row, variant),
    }
    if variant.startswith("litetool"):
        fields["peak_must_mib"] = row.memory_mib
        fields["peak_reached"] = fields["peak_mib"] <= row.memory_mib
    return fields


def row_fields(row):
    return {
        "row": row.name,
        "size_bytes": row.size_bytes,
        "variants": [variant_fields(row, name) for name in row.seconds],
    }


def print_row(row):
    fields = row_fields(row)
    print(f"\n{fields['row']} ({fields['size_bytes'] / 1e6:.0f} MB)")
    for v in fields["variants"]:
        spread = f"({v['min_s']:.3f}-{v['max_s']:.3f})"
        line = (
            f"  {v['variant']:<24}{v['median_s']:7.3f} s {spread:<16}"
            f"{v['bytes_per_s'] / 1e6:7.0f} MB/s  cpu {v['cpu_s']:.3f} s {v['peak_mib']:6.1f} MiB"
        )
        if not v.get("peak_reached", True):
            line += f" MISSED: must <= {v['peak_must_mib']}"
        if v["busy_runs"]:
            line += f"  [{v['busy_runs']} busy]"
        print(line)
        for bar in v["bars"]:
            print(f"    {verdict(bar['ratio'], bar['must'], 'x ' + bar['against'])}")
        for limit in v["limits"]:
            reached = "reached" if limit["reached"] else "MISSED"
            if limit["reached"] and v["median_s"] > limit["must_s"]:
                reached = "not needed, the disk is slower"
            print(f"    {v['median_s']:.3f} s, must <= {limit['must_s']:.3f} s: {reached}")

"""Colours, sizes and type of the page, light and dark, as a Gradio theme. System fonts: the page asks no other host."""

import gradio as gr

FONT = ("-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "system-ui", "sans-serif")

# name: (light, dark)
COLOURS = {
    "body_background_fill": ("#f6f5f2", "#151413"),
    "background_fill_primary": ("#ffffff", "#201f1d"),
    "background_fill_secondary": ("#efede8", "#2b2926"),
    "block_background_fill": ("#ffffff", "#201f1d"),
    "border_color_primary": ("#e0ddd6", "#383531"),
    "border_color_accent": ("#0b6b5d", "#5ecab5"),
    "input_background_fill": ("#ffffff", "#201f1d"),
    "input_border_color": ("#918c84", "#7a756d"),
    "input_border_color_focus": ("#0b6b5d", "#5ecab5"),
    "body_text_color": ("#1f1e1c", "#f1efeb"),
    "body_text_color_subdued": ("#66625b", "#aaa59c"),
    "block_info_text_color": ("#66625b", "#aaa59c"),
    "block_label_text_color": ("#1f1e1c", "#f1efeb"),
    "block_title_text_color": ("#1f1e1c", "#f1efeb"),
    "color_accent_soft": ("#e0efeb", "#17342f"),
    "button_primary_background_fill": ("#0b6b5d", "#0f7d6c"),
    "button_primary_background_fill_hover": ("#095a4e", "#12705f"),
    "button_primary_text_color": ("#ffffff", "#ffffff"),
    "button_secondary_background_fill": ("#ffffff", "#2b2926"),
    "button_secondary_background_fill_hover": ("#efede8", "#383531"),
    "button_secondary_text_color": ("#1f1e1c", "#f1efeb"),
    "button_secondary_border_color": ("#e0ddd6", "#383531"),
    "checkbox_background_color_selected": ("#0b6b5d", "#0f7d6c"),
    "checkbox_border_color": ("#918c84", "#7a756d"),
    "checkbox_border_color_selected": ("#0b6b5d", "#0f7d6c"),
    "slider_color": ("#0b6b5d", "#5ecab5"),
    "error_text_color": ("#b3261e", "#ff9a8d"),
    "error_background_fill": ("#fdf0ee", "#3a1d1a"),
    "error_border_color": ("#b3261e", "#ff9a8d"),
}
SIZES = {
    "block_radius": "10px",
    "layout_gap": "16px",
    "block_shadow": "none",
    "block_border_width": "0px",
    "block_padding": "0px",
}


def onestroke_theme() -> gr.themes.Base:
    values = {name: light for name, (light, _) in COLOURS.items()}
    values |= {f"{name}_dark": dark for name, (_, dark) in COLOURS.items()}
    # Gradio has one accent for both modes; the stylesheet gives the dark one.
    base = gr.themes.Base(font=list(FONT), font_mono=["ui-monospace", "monospace"])
    return base.set(color_accent="#0b6b5d", **SIZES, **values)

"""Subtitles made of words with times: a pure library that knows neither engines nor HTTP."""

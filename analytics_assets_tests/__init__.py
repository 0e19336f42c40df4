"""Tests; the folders mirror the package: unit, property, integration."""

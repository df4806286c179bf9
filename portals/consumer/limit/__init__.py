"""The spending limit and its history."""

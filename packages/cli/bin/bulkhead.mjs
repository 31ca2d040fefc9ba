#!/usr/bin/env node
// Stands outside dist so that it exists, executable, before the first build: npm links it at install time.
import '../dist/bin.js'

window.isBooted = true

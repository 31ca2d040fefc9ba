process.send?.('up')
setInterval(() => {}, 1_000)

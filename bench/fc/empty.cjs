// Nothing but a server: what there is before anything of a function's own.
require('node:http')
  .createServer((request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(201).end('{}'));
  })
  .listen(Number(process.env.KEYVEND_FC_PORT), '0.0.0.0');

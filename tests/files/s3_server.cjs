// The S3 service that s3_test asks: s3rver, with the signatures (which s3rver does not compute in version 4)
// checked by aws4. Neither is ours, so both sides of what we send are judged by other people's reading of the
// specification.
//
//   node --openssl-legacy-provider s3_server.cjs PORT FOLDER     (s3rver's continuation tokens are DES)
"use strict";

const http = require("http");
const aws4 = require("aws4");
const S3rver = require("s3rver");

const [port, folder] = process.argv.slice(2);
const region = "eu-north-1";
const keys = { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" };

function isSigned(request) {
    const given = request.headers.authorization || "";
    const match = /SignedHeaders=([^,]+), *Signature=[0-9a-f]{64}$/.exec(given);
    if (!match) return false;
    const names = match[1].split(";");
    if (!names.includes("host") || !names.includes("x-amz-content-sha256")) return false;
    const headers = Object.fromEntries(names.map((name) => [name, request.headers[name]]));
    const expected = aws4.sign(
        { service: "s3", region, method: request.method, path: request.url, headers, doNotModifyHeaders: false },
        keys,
    );
    return expected.headers.Authorization === given.replace(/, */g, ", ");
}

const store = new S3rver({ directory: folder, silent: true, configureBuckets: [{ name: "shops" }] });
store.configureBuckets().then(() => {
    const answer = store.callback();
    http.createServer((request, response) => {
        if (isSigned(request)) return answer(request, response);
        request.resume();
        response.writeHead(403, { "Content-Type": "application/xml", Connection: "close" });
        return response.end("<Error><Code>SignatureDoesNotMatch</Code></Error>");
    }).listen(Number(port), "127.0.0.1");
});

package import AlulaJSON

/// The bytes that a client of the gateway sends.
package enum GatewayFrames {
    /// A `GET` on a connection that stays open.
    package static func get(_ path: String, port: Int, token: String? = nil) -> [UInt8] {
        let authorization = token.map { "authorization: Bearer \($0)\r\n" } ?? ""
        return Array("GET \(path) HTTP/1.1\r\nhost: 127.0.0.1:\(port)\r\n\(authorization)\r\n".utf8)
    }

    /// The request that turns a connection into a WebSocket.
    package static func upgrade(port: Int) -> [UInt8] {
        let lines = [
            "GET / HTTP/1.1", "host: 127.0.0.1:\(port)", "connection: upgrade", "upgrade: websocket",
            "sec-websocket-version: 13", "sec-websocket-key: YmVuY2htYXJrcyBhc2shIQ==", "", "",
        ]
        return Array(lines.joined(separator: "\r\n").utf8)
    }

    /// The first request on a WebSocket, as a local back end with the shared token.
    package static func connect(id: String, token: String) -> [UInt8] {
        call(
            id: id, method: "connect",
            parameters: [
                "minProtocol": 4, "maxProtocol": 4,
                "client": ["id": "gateway-client", "version": "1.0.0", "platform": "linux", "mode": "backend"],
                "role": "operator", "scopes": ["operator.read", "operator.write", "operator.admin"],
                "auth": ["token": .string(token)],
            ])
    }

    /// One request, as a masked text frame.
    package static func call(id: String, method: String, parameters: JSONValue = [:]) -> [UInt8] {
        let frame: JSONValue = [
            "type": "req", "id": .string(id), "method": .string(method), "params": parameters,
        ]
        return WebSocketParser.clientFrame(frame.serialized())
    }
}

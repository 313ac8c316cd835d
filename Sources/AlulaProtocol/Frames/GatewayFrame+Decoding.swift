import AlulaJSON

extension GatewayFrame {
    private static let requestSchema = ParameterSchema.object([
        .required("type", .constant("req")),
        .required("id", .nonEmptyString),
        .required("method", .nonEmptyString),
        .optional("params", .any),
        .optional("traceparent", .text(maximumLength: 128)),
    ])

    /// Reads what a client may send: a `req` frame.
    ///
    /// - Parameter bytes: UTF-8.
    /// - Throws: ``FrameError`` with the frame's id, where it has one.
    package static func decodeRequest(_ bytes: [UInt8]) throws(FrameError) -> Request {
        let value = try parse(bytes)
        let violations = requestSchema.violations(in: value)
        let id = value["id"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        guard violations.isEmpty, let id, let method = value["method"]?.string else {
            let reasons = violations.map(\.description).joined(separator: "; ")
            throw FrameError(.notFrame, reasons, id: id)
        }
        let parameters = value["params"].flatMap { $0.isNull ? nil : $0 } ?? [:]
        return Request(id: id, method: method, parameters: parameters)
    }

    /// Reads what a gateway may send. Unknown members are ignored: the protocol grows by addition.
    ///
    /// - Throws: ``FrameError`` for anything else.
    package static func decode(_ bytes: [UInt8]) throws(FrameError) -> GatewayFrame {
        let value = try parse(bytes)
        switch value["type"]?.string {
        case "req":
            return .request(try decodeRequest(bytes))
        case "res":
            guard let id = value["id"]?.string, let isSuccess = value["ok"]?.bool else {
                throw FrameError(.notFrame, "A response needs id and ok.")
            }
            let payload = value["payload"]
            return .response(
                Response(
                    id: id,
                    isSuccess
                        ? .success(payload ?? .null)
                        : .failure(GatewayError(payload: value["error"] ?? [:]), payload: payload)))
        case "event":
            guard let name = value["event"]?.string, !name.isEmpty else {
                throw FrameError(.notFrame, "An event needs a name.")
            }
            return .event(
                Event(
                    name, payload: value["payload"], sequence: value["seq"]?.integer,
                    stateVersion: value["stateVersion"].map { StateVersion(payload: $0) }))
        default:
            throw FrameError(.notFrame, "The type is none of req, res and event.")
        }
    }

    private static func parse(_ bytes: [UInt8]) throws(FrameError) -> JSONValue {
        do {
            return try JSONValue.parse(bytes, maximumDepth: maximumDepth)
        } catch {
            throw FrameError(.notJSON, error.description)
        }
    }
}

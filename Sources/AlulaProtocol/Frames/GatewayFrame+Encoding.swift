package import AlulaJSON

extension GatewayFrame {
    /// The frame as compact JSON in UTF-8.
    package var encoded: [UInt8] { json.serialized(.compact) }

    /// The answer to the request `id` with a payload that is compact JSON already, equal to what ``encoded`` makes of it.
    package static func answer(to id: String, encodedPayload: [UInt8]) -> [UInt8] {
        var bytes = Array(#"{"type":"res","id":"#.utf8)
        bytes.reserveCapacity(encodedPayload.count + id.utf8.count + 64)
        bytes += JSONValue.string(id).serialized(.compact)
        bytes += Array(#","ok":true,"payload":"#.utf8)
        bytes += encodedPayload
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    private var json: JSONValue {
        var object = JSONObject()
        switch self {
        case .request(let request):
            object["type"] = "req"
            object["id"] = .string(request.id)
            object["method"] = .string(request.method)
            object["params"] = request.parameters
        case .response(let response):
            object["type"] = "res"
            object["id"] = .string(response.id)
            switch response.outcome {
            case .success(let payload):
                object["ok"] = true
                object["payload"] = payload
            case .failure(let error, let payload):
                object["ok"] = false
                object["payload"] = payload
                object["error"] = error.payload
            }
        case .event(let event):
            object["type"] = "event"
            object["event"] = .string(event.name)
            object["payload"] = event.payload
            object["seq"] = event.sequence.map { .number($0) }
            object["stateVersion"] = event.stateVersion?.payload
        }
        return .object(object)
    }
}

/// An event whose payload is encoded once for all its receivers; only the number differs between them.
package struct EncodedEvent: Sendable {
    package let name: String
    /// Goes with events about a counted state; it costs nothing to set.
    package var stateVersion: StateVersion?
    private let head: [UInt8]

    package init(_ name: String, payload: JSONValue, stateVersion: StateVersion? = nil) {
        self.init(name, encodedPayload: payload.serialized(.compact), stateVersion: stateVersion)
    }

    /// - Parameter encodedPayload: The payload as compact JSON.
    package init(_ name: String, encodedPayload: [UInt8], stateVersion: StateVersion? = nil) {
        self.name = name
        self.stateVersion = stateVersion
        var head = Array(#"{"type":"event","event":"#.utf8)
        head += JSONValue.string(name).serialized(.compact)
        head += Array(#","payload":"#.utf8)
        head += encodedPayload
        self.head = head
    }

    /// The end of the frame, which differs between receivers.
    private func tail(_ sequence: Int64?) -> String {
        let number = sequence.map { #","seq":\#($0)"# } ?? ""
        let version = stateVersion.map { #","stateVersion":{"presence":\#($0.presence),"health":\#($0.health)}"# } ?? ""
        return number + version + "}"
    }

    /// The whole frame.
    package func encoded(sequence: Int64?) -> [UInt8] { head + Array(tail(sequence).utf8) }
}

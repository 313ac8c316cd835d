import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import AlulaState

/// What people decide about devices, in the wire's shapes.
extension DeviceDesk {
    /// `device.pair.list`.
    func list() async throws(GatewayError) -> JSONValue {
        return try await settled { (book) throws(GatewayError) in
            var shown = book
            shown.expire(at: self.now())
            return shown.payload
        }
    }

    /// `device.pair.approve`.
    func approve(_ requestID: String, by authority: DeviceAuthority) async throws(GatewayError) -> JSONValue {
        return try await settled { (book) throws(GatewayError) in
            let device = try book.approve(requestID, by: authority, at: self.now(), minting: self.minting)
            return ["requestId": .string(requestID), "device": device.payload]
        }
    }

    /// `device.pair.reject`.
    func reject(_ requestID: String) async throws(GatewayError) -> JSONValue {
        return try await settled { (book) throws(GatewayError) in
            let request = try book.reject(requestID, at: self.now())
            return ["requestId": .string(requestID), "deviceId": .string(request.device.rawValue)]
        }
    }

    /// `device.pair.remove`.
    func remove(_ device: DeviceID, by authority: DeviceAuthority) async throws(GatewayError) -> JSONValue {
        try await settled { (book) throws(GatewayError) in
            try book.remove(device, by: authority)
            return ["deviceId": .string(device.rawValue)]
        }
    }

    /// `device.pair.rename`.
    func rename(
        _ device: DeviceID, to label: String, by authority: DeviceAuthority
    ) async throws(GatewayError) -> JSONValue {
        try await settled { (book) throws(GatewayError) in
            let name = try book.rename(device, to: label, by: authority)
            return ["deviceId": .string(device.rawValue), "label": name.map { .string($0) } ?? .null]
        }
    }

    /// `device.token.rotate`. The token is shown to the device itself and to the owner only.
    func rotate(
        _ device: DeviceID, role: String, scopes: Set<Scope>?, by authority: DeviceAuthority
    ) async throws(GatewayError) -> JSONValue {
        return try await settled { (book) throws(GatewayError) in
            let time = self.now()
            let token = try book.rotate(
                device, role: role, scopes: scopes, by: authority, at: time, minting: self.minting)
            var object = JSONObject([("deviceId", .string(device.rawValue)), ("role", .string(role))])
            if authority.maySeeToken(of: device) { object["token"] = .string(token.token.exposed) }
            object["scopes"] = .array(token.scopes.spellings.map { .string($0) })
            object["rotatedAtMs"] = .number(time.milliseconds)
            return .object(object)
        }
    }

    /// `device.token.revoke`.
    func revoke(
        _ device: DeviceID, role: String, by authority: DeviceAuthority
    ) async throws(GatewayError) -> JSONValue {
        return try await settled { (book) throws(GatewayError) in
            let time = try book.revoke(device, role: role, by: authority, at: self.now())
            return [
                "deviceId": .string(device.rawValue), "role": .string(role), "revokedAtMs": .number(time.milliseconds),
            ]
        }
    }

    /// Decides only when the decision can be kept.
    private func settled(
        _ body: @escaping @Sendable (inout DeviceBook) throws(GatewayError) -> JSONValue
    ) async throws(GatewayError) -> JSONValue {
        let result: Result<JSONValue, GatewayError> = await decide { book, failure in
            if let failure { return .failure(.unavailable(failure.message)) }
            do throws(GatewayError) { return .success(try body(&book)) } catch { return .failure(error) }
        }
        return try result.get()
    }
}

import AlulaJSON
package import AlulaPrimitives

extension DeviceBook {
    /// Gives a waiting device what it asks for.
    ///
    /// - Throws: ``GatewayError`` `INVALID_REQUEST` for an unknown request, or when `authority` lacks a scope of it.
    package mutating func approve(
        _ requestID: String, by authority: DeviceAuthority, at now: Timestamp, minting: DeviceMinting
    ) throws(GatewayError) -> DeviceRecord {
        expire(at: now)
        guard let request = requests[requestID] else { throw .unknownPairingRequest }
        try authority.check(holds: request.scopes)
        grant(request, replacesDescription: true, at: now, minting: minting)
        resolve(request, isApproved: true, at: now)
        guard let device = devices[request.device] else { throw .unknownPairingRequest }
        return device
    }

    /// Sends a waiting device away. It may ask again.
    package mutating func reject(
        _ requestID: String, at now: Timestamp
    ) throws(GatewayError) -> PairingRequest {
        expire(at: now)
        guard let request = requests[requestID] else { throw .unknownPairingRequest }
        resolve(request, isApproved: false, at: now)
        return request
    }

    /// Forgets a device and ends its connections.
    package mutating func remove(
        _ id: DeviceID, by authority: DeviceAuthority
    ) throws(GatewayError) {
        guard let device = devices[id] else { throw .unknownDevice }
        try authority.check(mayManage: device)
        devices[id] = nil
        changes.insert(.devices)
        news.append(.withdrawn(id, role: nil, reason: .removed))
    }

    /// Longest name that somebody can give a device.
    package static let maximumLabel = 64

    /// Gives a device a name for people, in place of what it calls itself; a blank one takes that away.
    ///
    /// - Returns: The name that it has now.
    package mutating func rename(
        _ id: DeviceID, to label: String, by authority: DeviceAuthority
    ) throws(GatewayError) -> String? {
        guard let device = devices[id] else { throw .unknownDevice }
        try authority.check(mayManage: device)
        let text = label.trimmed()
        guard text.unicodeScalars.allSatisfy({ !$0.isControl }), text.unicodeScalars.count <= Self.maximumLabel else {
            throw .invalidRequest("label must be up to \(Self.maximumLabel) characters without line breaks")
        }
        let name = text.isEmpty ? nil : text
        guard name != device.label else { return name }
        devices[id]?.label = name
        changes.insert(.devices)
        return name
    }

    /// Replaces a device's token for a role; connections that rest on the old one end.
    ///
    /// - Parameter scopes: What the new token may do, within what the device was granted; `nil` keeps what it could.
    package mutating func rotate(
        _ id: DeviceID, role: String, scopes: Set<Scope>?, by authority: DeviceAuthority, at now: Timestamp,
        minting: DeviceMinting
    ) throws(GatewayError) -> DeviceToken {
        guard let device = devices[id] else { throw .unknownDevice }
        try authority.check(mayManage: device)
        guard device.roles.contains(role) else { throw .invalidRequest("device does not have the role \(role)") }
        let granted = device.maximumScopes(for: role)
        let old = device.tokens[role]
        // A revoked role has to be approved again; rotating must be no way around it.
        guard old?.revokedAt == nil else {
            throw .invalidRequest("the token was revoked; the device has to be approved again")
        }
        let wanted = scopes ?? old?.scopes ?? granted
        try authority.check(holds: wanted)
        guard granted.cover(wanted) else { throw .invalidRequest("the device was not granted these scopes") }
        var token = old ?? DeviceToken(token: Secret(""), role: role, scopes: wanted, createdAt: now)
        token.token = minting.token()
        token.scopes = wanted
        token.rotatedAt = now
        token.lastUsedAt = nil
        devices[id]?.tokens[role] = token
        changes.insert(.devices)
        news.append(.withdrawn(id, role: role, reason: .rotated))
        return token
    }

    /// Takes a role away from a device until it is approved again, and ends its connections of that role.
    ///
    /// - Returns: When it was taken away; the first time counts.
    package mutating func revoke(
        _ id: DeviceID, role: String, by authority: DeviceAuthority, at now: Timestamp
    ) throws(GatewayError) -> Timestamp {
        guard let device = devices[id] else { throw .unknownDevice }
        try authority.check(mayManage: device)
        guard var token = device.tokens[role] else { throw .invalidRequest("device has no token for the role \(role)") }
        if let earlier = token.revokedAt { return earlier }
        token.revokedAt = now
        devices[id]?.tokens[role] = token
        changes.insert(.devices)
        news.append(.withdrawn(id, role: role, reason: .revoked))
        return now
    }

    // MARK: Steps

    mutating func resolve(_ request: PairingRequest, isApproved: Bool, at now: Timestamp) {
        requests[request.requestID] = nil
        changes.insert(.requests)
        news.append(
            .resolved(requestID: request.requestID, device: request.device, isApproved: isApproved, at: now))
    }

    /// Adds what `request` asks for to what the device has. The text of a token that works stays as it is, so that no
    /// program that has it is locked out.
    ///
    /// - Parameter replacesDescription: Whether the device's name and client are taken over although it has some.
    mutating func grant(
        _ request: PairingRequest, replacesDescription: Bool = false, at now: Timestamp, minting: DeviceMinting
    ) {
        // With another key it is another device: what the old one had is gone.
        let known = devices[request.device].flatMap { $0.hasKey(of: request) ? $0 : nil }
        var device =
            known
            ?? DeviceRecord(id: request.device, publicKey: request.publicKey, createdAt: now, approvedAt: now)
        var isChanged = known == nil || replacesDescription
        if isChanged { device.describe(by: request) }
        if device.pin(traitsOf: request.about) { isChanged = true }
        if !device.scopes.cover(request.scopes) {
            device.scopes.formUnion(request.scopes)
            isChanged = true
        }
        for role in request.roles.sorted() where device.give(role, for: request, at: now, minting: minting) {
            isChanged = true
        }
        guard isChanged else { return }
        device.approvedAt = now
        devices[device.id] = device
        changes.insert(.devices)
    }
}

extension DeviceRecord {
    fileprivate func hasKey(of request: PairingRequest) -> Bool {
        publicKey == request.publicKey || DevicePublicKey(request.publicKey).map { holds($0) } ?? false
    }

    fileprivate mutating func describe(by request: PairingRequest) {
        let known = about
        about = request.about
        about.displayName = request.about.displayName ?? known.displayName
        // These are pinned, which is a decision of its own.
        about.platform = known.platform
        about.deviceFamily = known.deviceFamily
    }

    /// Gives a role with a token for it.
    ///
    /// - Returns: Whether anything is new.
    fileprivate mutating func give(
        _ role: String, for request: PairingRequest, at now: Timestamp, minting: DeviceMinting
    ) -> Bool {
        let isNew = roles.insert(role).inserted
        let asked = maximumScopes(for: role).intersection(request.scopes)
        guard var token = tokens[role], token.isUsable else {
            let created = tokens[role]?.createdAt
            tokens[role] = DeviceToken(
                token: minting.token(), role: role, scopes: maximumScopes(for: role), createdAt: created ?? now,
                rotatedAt: created == nil ? nil : now)
            return true
        }
        guard !token.scopes.cover(asked) else { return isNew }
        token.scopes.formUnion(asked)
        tokens[role] = token
        return true
    }
}

extension GatewayError {
    /// No device waits with the request that was named.
    package static var unknownPairingRequest: GatewayError {
        .invalidRequest("unknown requestId", details: ["code": "PAIRING_REQUEST_UNKNOWN"])
    }
    /// No device has the id that was named.
    package static var unknownDevice: GatewayError {
        .invalidRequest("unknown deviceId", details: ["code": "DEVICE_UNKNOWN"])
    }
}

extension Unicode.Scalar {
    fileprivate var isControl: Bool { properties.generalCategory == .control || value == 0x2028 || value == 0x2029 }
}

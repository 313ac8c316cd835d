package import AlulaPrimitives

extension DeviceBook {
    /// Decides about a client whose device has been proven.
    ///
    /// First it has to show the shared secret or a token of its device. The owner on this machine is then let in whatever
    /// the book says, and the device is noted down on the way. Everybody else gets what was granted, or waits.
    ///
    /// - Parameter isRecording: Whether changes can be kept. If not, only what needs none is admitted.
    package mutating func arrived(
        _ arrival: DeviceArrival, at now: Timestamp, isRecording: Bool = true, minting: DeviceMinting
    ) -> DeviceOutcome {
        guard let key = arrival.claim.key else { return .unproven(.publicKeyInvalid) }
        if isRecording { expire(at: now) }
        let known = devices[arrival.claim.id].flatMap { $0.holds(key) ? $0 : nil }
        if arrival.isOwner {
            return .admitted(admitOwner(arrival, key, isRecording: isRecording, at: now, minting: minting))
        }
        if !arrival.provesSharedSecret {
            let verdict = Self.verdict(on: arrival, of: known)
            guard verdict == .matched else {
                return .unauthorized(verdict, hasUsableToken: known?.usableToken(for: arrival.role) != nil)
            }
        }
        if known?.hasOtherTraits(than: arrival.client) == true, Self.mayRename(arrival) {
            if isRecording { pinTraits(of: arrival) }
        } else if known?.hasOtherTraits(than: arrival.client) == true {
            return wait(arrival, key, for: .metadataUpgrade, known, isRecording: isRecording, at: now, minting: minting)
        }
        if let reason = Self.reasonToPair(arrival, known) {
            guard reason == .notPaired, Self.isWelcome(arrival) else {
                return wait(arrival, key, for: reason, known, isRecording: isRecording, at: now, minting: minting)
            }
            if isRecording, devices.count < Self.maximumDevices {
                noteDown(arrival, key, scopes: arrival.askedScopes, at: now, minting: minting)
            }
        } else if isRecording {
            issueToken(to: arrival, at: now, minting: minting)
        }
        if !arrival.provesSharedSecret { noteUse(of: arrival, at: now) }
        return .admitted(grant(arrival, known: devices[arrival.claim.id]))
    }

    // MARK: Admitting

    private mutating func admitOwner(
        _ arrival: DeviceArrival, _ key: DevicePublicKey, isRecording: Bool, at now: Timestamp, minting: DeviceMinting
    ) -> DeviceGrant {
        let scopes = arrival.scopes.isEmpty ? Set(Scope.allCases) : Set(arrival.scopes)
        let id = arrival.claim.id
        // A page of somebody else that knows the secret is let in, and gets no token to keep.
        let isNotedDown = isRecording && !arrival.isForeignPage
        if isNotedDown, devices[id] != nil || devices.count < Self.maximumDevices {
            noteDown(arrival, key, scopes: scopes, at: now, minting: minting)
        }
        let token =
            arrival.isForeignPage
            ? nil
            : devices[id].flatMap { $0.holds(key) ? $0 : nil }?
                .usableToken(for: .operator)
        return DeviceGrant(device: id, scopes: scopes, token: token, isOwner: true)
    }

    private func grant(_ arrival: DeviceArrival, known: DeviceRecord?) -> DeviceGrant {
        let token = known?.usableToken(for: arrival.role)
        var scopes = arrival.askedScopes
        if scopes.isEmpty, arrival.role == .operator { scopes = token?.scopes ?? known?.scopes ?? [] }
        return DeviceGrant(device: arrival.claim.id, scopes: scopes, token: token, isOwner: false)
    }

    /// Approves a device without asking.
    private mutating func noteDown(
        _ arrival: DeviceArrival, _ key: DevicePublicKey, scopes: Set<Scope>, at now: Timestamp,
        minting: DeviceMinting
    ) {
        var request = PairingRequest(
            requestID: "", device: arrival.claim.id, publicKey: key.text, roles: [arrival.role.rawValue],
            scopes: scopes, askedAt: now)
        request.about = DeviceDescription(arrival)
        // An address says something about devices elsewhere only.
        request.about.remoteAddress = nil
        grant(request, at: now, minting: minting)
        let waiting = requests.values.filter { $0.device == request.device && request.covers($0) }
        for waiting in waiting { resolve(waiting, isApproved: true, at: now) }
    }

    /// Leaves a device waiting for approval.
    private mutating func wait(
        _ arrival: DeviceArrival, _ key: DevicePublicKey, for reason: PairingReason, _ known: DeviceRecord?,
        isRecording: Bool, at now: Timestamp, minting: DeviceMinting
    ) -> DeviceOutcome {
        guard isRecording else { return .unavailable }
        let request = request(for: arrival, key: key, at: now, minting: minting)
        return .pairingRequired(PairingNeed(reason: reason, request: request, device: known))
    }

    private mutating func pinTraits(of arrival: DeviceArrival) {
        if devices[arrival.claim.id]?.pin(traitsOf: DeviceDescription(arrival)) == true { changes.insert(.devices) }
    }

    /// A device that is let in has a token to come back with.
    private mutating func issueToken(to arrival: DeviceArrival, at now: Timestamp, minting: DeviceMinting) {
        let role = arrival.role.rawValue
        guard var device = devices[arrival.claim.id], device.usableToken(for: arrival.role) == nil else { return }
        device.tokens[role] = DeviceToken(
            token: minting.token(), role: role, scopes: device.maximumScopes(for: role), createdAt: now)
        devices[device.id] = device
        changes.insert(.devices)
    }

    private mutating func noteUse(of arrival: DeviceArrival, at now: Timestamp) {
        guard var token = devices[arrival.claim.id]?.tokens[arrival.role.rawValue] else { return }
        if let last = token.lastUsedAt, abs(now.milliseconds - last.milliseconds) < Self.usageInterval.milliseconds {
            return
        }
        token.lastUsedAt = now
        devices[arrival.claim.id]?.tokens[arrival.role.rawValue] = token
        changes.insert(.usage)
    }

    /// How exactly the last use is known: a storm of reconnects is no storm of writes.
    private static let usageInterval = Duration.seconds(60)

    // MARK: Judging

    private static func verdict(on arrival: DeviceArrival, of known: DeviceRecord?) -> DeviceTokenVerdict {
        guard let offered = arrival.offeredToken else { return .missing }
        guard let known else { return .unknownDevice }
        guard let token = known.tokens[arrival.role.rawValue], !token.token.isBlank else { return .noToken }
        guard token.token.matches(offered) else { return .mismatched }
        guard known.usableToken(for: arrival.role) != nil else { return .revoked }
        // More than the device was ever given is a matter for whoever approves; more than this token was, is not.
        let asked = arrival.askedScopes
        return token.scopes.cover(asked) || !known.scopes.cover(asked) ? .matched : .scopeMismatch
    }

    private static func reasonToPair(_ arrival: DeviceArrival, _ known: DeviceRecord?) -> PairingReason? {
        guard let known else { return .notPaired }
        guard known.grants(arrival.role) else { return .roleUpgrade }
        return known.scopes.cover(arrival.askedScopes) ? nil : .scopeUpgrade
    }

    /// Whether a device that nobody knows is approved without asking.
    private static func isWelcome(_ arrival: DeviceArrival) -> Bool {
        arrival.isDirectLocal && arrival.provesSharedSecret && !arrival.isForeignPage
    }

    /// Whether a device may call itself something else without asking. Native programs name the version of the system,
    /// so every update of it changes the name.
    private static func mayRename(_ arrival: DeviceArrival) -> Bool {
        switch arrival.client.kind {
        case .macOS, .iOS, .android, .linux, .watchOS: true
        case .commandLine: arrival.isDirectLocal
        default: false
        }
    }
}

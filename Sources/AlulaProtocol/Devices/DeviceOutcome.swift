import AlulaPrimitives

/// What becomes of a client that came with a device.
package enum DeviceOutcome: Sendable {
    case admitted(DeviceGrant)
    /// It is not the device that it says.
    case unproven(DeviceProof.Failure)
    /// It showed neither the shared secret nor a token of the device.
    ///
    /// - Parameter hasUsableToken: Whether the device has a token for the role and could have shown it.
    case unauthorized(DeviceTokenVerdict, hasUsableToken: Bool)
    /// Somebody has to approve it first.
    case pairingRequired(PairingNeed)
    /// It could not be decided or written down; trying again may help.
    case unavailable
}

/// What a device that is let in may do.
package struct DeviceGrant: Sendable {
    package let device: DeviceID
    package let scopes: Set<Scope>
    /// The device's token for the role, which the client is told; `nil` when there is none.
    package let token: DeviceToken?
    /// Whether this is the gateway's owner on this machine, whose access does not rest on the device.
    package let isOwner: Bool
    /// The state of the device's rights when this was decided; see ``DeviceAdmitting/revision(of:)``.
    package var revision: UInt64 = 0

    package init(device: DeviceID, scopes: Set<Scope>, token: DeviceToken?, isOwner: Bool) {
        self.device = device
        self.scopes = scopes
        self.token = token
        self.isOwner = isOwner
    }
}

/// What has to be approved, and what the device has already.
package struct PairingNeed: Sendable {
    package let reason: PairingReason
    package let request: PairingRequest
    /// The device as it is paired now, if it is.
    package let device: DeviceRecord?

    package init(reason: PairingReason, request: PairingRequest, device: DeviceRecord?) {
        self.reason = reason
        self.request = request
        self.device = device
    }
}

/// Decides about clients that come with a device.
package protocol DeviceAdmitting: Sendable {
    /// Checks the proof and what is granted. It may wait for a disk, never on the caller's thread, and ends within
    /// seconds.
    func judge(_ arrival: DeviceArrival) async -> DeviceOutcome

    /// A number that grows when rights of `device` are taken away, from memory. A grant with a smaller one no longer holds.
    func revision(of device: DeviceID) -> UInt64
}

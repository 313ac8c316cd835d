package import AlulaJSON

/// What a device says of itself, and where it was seen. Requests and paired devices carry it alike, on the wire and in
/// the files.
package struct DeviceDescription: Hashable, Sendable {
    package var displayName: String?
    /// Pinned once approved: a device that calls itself something else has to be approved again.
    package var platform: String?
    /// Pinned as ``platform``.
    package var deviceFamily: String?
    package var clientID: String?
    package var clientMode: String?
    /// The role that was asked for last, or granted first.
    package var role: String?
    package var remoteAddress: String?

    package init() {}

    /// What the client says. Such texts are shown to people, so they have an end.
    init(_ arrival: DeviceArrival) {
        displayName = arrival.client.displayName.map { String($0.prefix(200)) }
        platform = String(arrival.client.platform.prefix(200))
        deviceFamily = arrival.client.deviceFamily.map { String($0.prefix(200)) }
        clientID = arrival.client.kind.rawValue
        clientMode = arrival.client.mode.rawValue
        role = arrival.role.rawValue
        remoteAddress = arrival.address
    }

    /// Reads the members of `object`; one that is missing, empty or no text counts as not said.
    package init(_ object: JSONValue) {
        for member in Self.members {
            self[keyPath: member.place] = object[member.key]?.string.flatMap { $0.isEmpty ? nil : $0 }
        }
    }

    /// Each member with its name on the wire and in the files.
    package static let members: [(key: String, place: any WritableKeyPath<Self, String?> & Sendable)] = [
        ("displayName", \.displayName), ("platform", \.platform), ("deviceFamily", \.deviceFamily),
        ("clientId", \.clientID), ("clientMode", \.clientMode), ("role", \.role), ("remoteIp", \.remoteAddress),
    ]

    /// Puts what is said into `object`.
    func write(to object: inout JSONObject) {
        for member in Self.members { object[member.key] = self[keyPath: member.place].map { .string($0) } }
    }

    /// Whether `other` is pinned to the same platform and family.
    func hasSameTraits(as other: Self) -> Bool {
        platform?.deviceTrait == other.platform?.deviceTrait
            && deviceFamily?.deviceTrait == other.deviceFamily?.deviceTrait
    }
}

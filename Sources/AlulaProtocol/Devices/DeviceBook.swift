package import AlulaPrimitives

/// Which devices are paired and which wait, and every rule about it. Time and random texts come from the caller, and
/// so does whatever becomes of the changes.
package struct DeviceBook: Sendable {
    /// Devices at most; beyond, this machine's own clients come in without being noted down.
    package static let maximumDevices = 4096
    /// Requests at most; of more, the oldest goes.
    package static let maximumRequests = 256
    /// Requests from one address at most; of more, its oldest goes.
    package static let maximumRequestsPerAddress = 16

    /// What has changed since the book was read.
    package struct Changes: OptionSet, Hashable, Sendable {
        package let rawValue: Int
        package init(rawValue: Int) { self.rawValue = rawValue }

        package static let devices = Changes(rawValue: 1)
        package static let requests = Changes(rawValue: 2)
        /// Only when tokens were used last: nothing is lost without it.
        package static let usage = Changes(rawValue: 4)
    }

    /// What others are told about a change.
    package enum News: Hashable, Sendable {
        case requested(PairingRequest)
        case resolved(requestID: String, device: DeviceID, isApproved: Bool, at: Timestamp)
        /// Connections that rest on these rights end. Without a role all of the device's do.
        case withdrawn(DeviceID, role: String?, reason: Withdrawal)
    }

    /// Why rights were taken away.
    package enum Withdrawal: Hashable, Sendable {
        case removed
        case rotated
        case revoked
    }

    package internal(set) var devices: [DeviceID: DeviceRecord]
    /// By request id.
    package internal(set) var requests: [String: PairingRequest]
    package internal(set) var changes: Changes = []
    package internal(set) var news: [News] = []

    package init(devices: [DeviceID: DeviceRecord] = [:], requests: [String: PairingRequest] = [:]) {
        self.devices = devices
        self.requests = requests
    }

    /// Forgets what has changed, because it was written down and told.
    package mutating func settle() {
        changes = []
        news = []
    }

    /// Tells of rights that were there in `earlier` and have been taken away since by another program.
    package mutating func noticeWithdrawals(since earlier: DeviceBook) {
        for (id, old) in earlier.devices {
            guard let device = devices[id], device.publicKey == old.publicKey else {
                news.append(.withdrawn(id, role: nil, reason: .removed))
                continue
            }
            for (role, token) in old.tokens where token.isUsable {
                let left = device.tokens[role]
                if left?.isUsable != true || !device.roles.contains(role) {
                    news.append(.withdrawn(id, role: role, reason: .revoked))
                } else if left?.token.matches(token.token) != true {
                    news.append(.withdrawn(id, role: role, reason: .rotated))
                }
            }
        }
    }

    /// Takes the tokens away that are revoked in `other`, a record of one of the devices from elsewhere.
    package mutating func noticeRevocations(in other: DeviceRecord) {
        for (role, token) in other.tokens where token.revokedAt != nil {
            guard let own = devices[other.id]?.tokens[role], own.revokedAt == nil, own.token.matches(token.token) else {
                continue
            }
            devices[other.id]?.tokens[role]?.revokedAt = token.revokedAt
        }
    }

    /// Tells of requests that another program has added or approved since `earlier`. Whether one that is merely gone was
    /// rejected or has run out can't be known.
    package mutating func noticeRequests(since earlier: DeviceBook) {
        for (id, request) in requests.sorted(by: { $0.key < $1.key }) where earlier.requests[id] == nil {
            news.append(.requested(request))
        }
        for (id, request) in earlier.requests.sorted(by: { $0.key < $1.key }) where requests[id] == nil {
            guard let device = devices[request.device], device.approvedAt >= request.askedAt,
                request.roles.isSubset(of: device.roles)
            else { continue }
            news.append(
                .resolved(requestID: id, device: request.device, isApproved: true, at: device.approvedAt))
        }
    }

    /// Drops the requests whose time is over.
    package mutating func expire(at now: Timestamp) {
        guard requests.values.contains(where: { $0.hasExpired(at: now) }) else { return }
        requests = requests.filter { !$0.value.hasExpired(at: now) }
        changes.insert(.requests)
    }

    // MARK: Requests

    /// The request of a device that has to be approved: the one that waits already if it covers this, else a new one.
    ///
    /// A wider request gets a new id, so that nobody approves more than was looked at; it includes what was asked before,
    /// so that two programs that share a device don't replace each other's requests for ever.
    mutating func request(
        for arrival: DeviceArrival, key: DevicePublicKey, at now: Timestamp, minting: DeviceMinting
    ) -> PairingRequest {
        var request = PairingRequest(
            requestID: "", device: arrival.claim.id, publicKey: key.text, roles: [arrival.role.rawValue],
            scopes: arrival.askedScopes, askedAt: now)
        request.about = DeviceDescription(arrival)
        if var waiting = requests.values.first(where: { $0.device == arrival.claim.id }) {
            if waiting.covers(request) {
                // Kept alive, but not written for each of many attempts.
                guard now.duration(since: waiting.askedAt) >= Self.refreshInterval else { return waiting }
                waiting.askedAt = now
                waiting.about.remoteAddress = request.about.remoteAddress
                requests[waiting.requestID] = waiting
                changes.insert(.requests)
                return waiting
            }
            requests[waiting.requestID] = nil
            if waiting.publicKey == request.publicKey {
                request.roles.formUnion(waiting.roles)
                request.scopes.formUnion(waiting.scopes)
            }
        }
        request.requestID = minting.requestID()
        request.isRepair = devices[arrival.claim.id] != nil
        makeRoom(for: request)
        requests[request.requestID] = request
        changes.insert(.requests)
        news.append(.requested(request))
        return request
    }

    private mutating func makeRoom(for request: PairingRequest) {
        let neighbours = requests.values.filter { $0.about.remoteAddress == request.about.remoteAddress }
        let crowd =
            neighbours.count >= Self.maximumRequestsPerAddress
            ? neighbours : requests.count >= Self.maximumRequests ? Array(requests.values) : []
        let oldest = crowd.min { ($0.askedAt, $0.requestID) < ($1.askedAt, $1.requestID) }
        if let oldest { requests[oldest.requestID] = nil }
    }

    /// How old a request is before it is written again.
    private static let refreshInterval = Duration.seconds(60)
}

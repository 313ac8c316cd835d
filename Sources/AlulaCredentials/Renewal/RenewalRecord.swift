import AlulaAuth
import AlulaJSON
import AlulaPrimitives

/// What became of one refresh token since somebody began to exchange it.
///
/// A provider may take a token once only. So what it gave in exchange is kept here in one step before anything else is done
/// with it, and once the stores have it, only where it went: whoever comes later with a copy of the old token finds the new
/// one there and never sends the old one again.
enum RenewalRecord: Sendable {
    /// Which login it is, and where it lives on.
    struct Place: Hashable, Sendable {
        var store: StoreID
        var profile: ProfileID
        var provider: ProviderID
    }

    /// Somebody began, and perhaps was killed: nobody knows whether the token was taken.
    case open
    /// The provider gave these, and perhaps no store has them yet.
    case granted(RenewedTokens, Place)
    /// The token is used up, and the login goes on at this place.
    case settled(Place)
    /// The latest attempt failed.
    case resting(RenewalRest)
}

extension RenewalRecord {
    /// Reads what ``text`` wrote. What was cut short by a crash, or is nothing of ours, counts as ``open``.
    init(parsing bytes: [UInt8]) {
        self = .open
        let value: JSONValue
        do throws(JSONError) { value = try JSONValue.parse(bytes) } catch { return }
        guard let object = value.object else { return }
        func text(_ key: String) -> String? { StoredProfileDecoder.text(object[key]) }
        func instant(_ key: String) -> Timestamp? { object[key]?.double.flatMap { Timestamp(validating: $0) } }
        switch text("state") {
        case "granted":
            guard let place = Place(object), let access = text("access"), let expires = instant("expires") else {
                return
            }
            self = .granted(
                RenewedTokens(
                    access: Secret(access), refresh: text("refresh").map { Secret($0) },
                    idToken: text("idToken").map { Secret($0) }, expires: expires,
                    identity: .init(accountID: text("accountId"), email: text("email"))), place)
        case "settled":
            if let place = Place(object) { self = .settled(place) }
        case "resting":
            guard let code = text("code").flatMap({ RenewalFailure.Code(rawValue: $0) }), let until = instant("until")
            else { return }
            let failures = object["failures"]?.integer.map { Int(clamping: min(max($0, 1), 1_000_000)) }
            self = .resting(
                RenewalRest(
                    failure: RenewalFailure(code, text("message") ?? ""), failures: failures ?? 1, until: until))
        default: return
        }
    }

    /// One line of JSON. It holds secrets only as long as they may be nowhere else.
    var text: [UInt8] {
        var object = JSONObject([("version", 1)])
        switch self {
        case .open: object["state"] = "open"
        case .granted(let tokens, let place):
            object["state"] = "granted"
            place.write(to: &object)
            object["access"] = .string(tokens.access.exposed)
            object["refresh"] = tokens.refresh.map { .string($0.exposed) }
            object["idToken"] = tokens.idToken.map { .string($0.exposed) }
            object["expires"] = .number(tokens.expires.milliseconds)
            object["accountId"] = tokens.identity.accountID.map { .string($0) }
            object["email"] = tokens.identity.email.map { .string($0) }
        case .settled(let place):
            object["state"] = "settled"
            place.write(to: &object)
        case .resting(let rest):
            object["state"] = "resting"
            object["code"] = .string(rest.failure.code.rawValue)
            object["message"] = .string(rest.failure.message)
            object["failures"] = .number(rest.failures)
            object["until"] = .number(rest.until.milliseconds)
        }
        return JSONValue.object(object).serialized(.compact) + [0x0A]
    }
}

extension RenewalRecord.Place {
    fileprivate init?(_ object: JSONObject) {
        guard let store = StoredProfileDecoder.text(object["store"]),
            let profile = StoredProfileDecoder.text(object["profile"]),
            let provider = StoredProfileDecoder.text(object["provider"])
        else { return nil }
        self.init(store: StoreID(store), profile: ProfileID(profile), provider: ProviderID(provider))
    }

    fileprivate func write(to object: inout JSONObject) {
        object["store"] = .string(store.directory)
        object["profile"] = .string(profile.rawValue)
        object["provider"] = .string(provider.rawValue)
    }
}

import AlulaPrimitives

extension AuthSettings {
    /// Reads the section.
    init(reading reader: ObjectReader) {
        for entry in reader.entries("profiles") {
            guard let inner = reader.reader(of: entry.node, at: entry.path, consequence: "The profile is left out."),
                let profile = inner.unlessRefused({ ConfiguredProfile(ProfileID(entry.name), inner) })
            else { continue }
            profiles.append(profile)
        }
        if let inner = reader.object("order", consequence: "The order is left to the rules.") {
            for key in inner.keys {
                guard let ids = inner.texts(key) else { continue }
                order[ProviderID(key)] = ids.map { ProfileID($0) }
            }
        }
        if let inner = reader.object("cooldowns") { cooldowns = CooldownSettings(reading: inner) }
        reader.finish()
    }
}

extension ConfiguredProfile {
    fileprivate init?(_ id: ProfileID, _ reader: ObjectReader) {
        let provider = reader.requiredText("provider")
        let mode = reader.requiredChoice("mode", as: Mode.self)
        let email = reader.text("email")
        let displayName = reader.text("displayName")
        for key in ["key", "keyRef", "token", "tokenRef", "access", "refresh", "apiKey"]
        where reader.hasMisplacedSecret(key) {
            reader.warn(
                .invalidValue, key, "A credential here is not used; this section only describes logins.",
                remedy: "Keep it in the credential store: alula models auth.")
        }
        reader.finish()
        guard let provider, let mode else { return nil }
        self.init(id: id, provider: ProviderID(provider), mode: mode, email: email, displayName: displayName)
    }
}

extension CooldownSettings {
    fileprivate init(reading reader: ObjectReader) {
        // A year, so that sums of times can't overflow.
        let hours = 0...8760.0
        let minutes = 0...525_600.0
        billingBackoff = reader.duration("billingBackoffHours", unitSeconds: 3600, in: hours, default: billingBackoff)
        maximumBillingBackoff = reader.duration(
            "billingMaxHours", unitSeconds: 3600, in: hours, default: maximumBillingBackoff)
        refusalBackoff = reader.duration(
            "authPermanentBackoffMinutes", unitSeconds: 60, in: minutes, default: refusalBackoff)
        maximumRefusalBackoff = reader.duration(
            "authPermanentMaxMinutes", unitSeconds: 60, in: minutes, default: maximumRefusalBackoff)
        failureWindow = reader.duration("failureWindowHours", unitSeconds: 3600, in: hours, default: failureWindow)
        overloadedRotations = reader.integer("overloadedProfileRotations", in: 0...100, default: overloadedRotations)
        overloadedBackoff = reader.milliseconds("overloadedBackoffMs", in: 0...600_000, default: overloadedBackoff)
        rateLimitedRotations = reader.integer("rateLimitedProfileRotations", in: 0...100, default: rateLimitedRotations)
        for entry in reader.entries("billingBackoffHoursByProvider") {
            guard let number = reader.number(entry.node, path: entry.path, in: hours) else { continue }
            billingBackoffByProvider[ProviderID(entry.name)] = .seconds(number * 3600)
        }
        reader.finish()
    }
}

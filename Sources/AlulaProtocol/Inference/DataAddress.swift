import AlulaInference

extension Message.Media {
    /// Reads an address that may hold the bytes itself: `data:image/png;base64,…`.
    ///
    /// - Throws: ``InferenceError/Code/malformedRequest`` for a data address that is not in base64, and for any scheme
    ///   besides `http`, `https` and `data`.
    init(address: String, at place: String, mediaType: String? = nil, name: String? = nil) throws(InferenceError) {
        if address.prefix(5).lowercased() == "data:" {
            guard let comma = address.firstIndex(of: ",") else {
                throw RequestFields.mistake(place, "is a data URL without data")
            }
            let words = address[address.index(address.startIndex, offsetBy: 5)..<comma].split(separator: ";")
            guard words.last?.lowercased() == "base64" else {
                throw RequestFields.mistake(place, "must be a data URL in base64")
            }
            let type = words.count > 1 ? words.first.map { $0.lowercased() } : nil
            self.init(
                .base64(String(address[address.index(after: comma)...])), mediaType: type ?? mediaType, name: name)
            return
        }
        guard let scheme = address.split(separator: ":", maxSplits: 1).first?.lowercased(),
            scheme == "http" || scheme == "https"
        else {
            throw RequestFields.mistake(place, "must be an http, https or data URL")
        }
        self.init(.url(address), mediaType: mediaType, name: name)
    }
}

package import AlulaPrimitives

/// What an access token says about whose it is. Nothing is believed but for asking: the provider checks the token itself.
package enum AccessTokenOwner {
    /// OpenAI's name for the account, as a header can hold it; `nil` for a token of another form.
    package static func openAIAccount(of token: Secret) -> String? {
        guard let account = TokenClaims(token)?.openAIAccount, !account.isEmpty,
            account.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        return account
    }
}

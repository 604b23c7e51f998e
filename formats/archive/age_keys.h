// Keys of sealed archives, as the age tool writes them (age-encryption.org/v1): X25519 in Bech32
// (BIP 173), without Bech32's limit of 90 characters.
//
//   age1...              a recipient: may seal, cannot open; may be handed round
//   AGE-SECRET-KEY-1...  an identity: opens; to be kept secret
#pragma once

#include <string>
#include <string_view>

#include "formats/base/crypto.h"

namespace litetool::age {

// The public half.
struct Recipient {
  Key key{};
  bool operator==(const Recipient&) const = default;
  std::string text() const;
};

// The secret half.
struct Identity {
  Key key{};
  static Identity generate();
  Recipient recipient() const { return {x25519_public(key)}; }
  std::string text() const;
};

// kKey when it is none; the message does not repeat what may be a secret.
Result<Recipient> parse_recipient(std::string_view text);
Result<Identity> parse_identity(std::string_view text);

}  // namespace litetool::age

using System.Buffers.Text;
using System.Text.Json;
using EventBroker.Transport.Kafka.Settings;

namespace EventBroker.Transport.Kafka.Clients;

/// <summary>The token of SASL's OAUTHBEARER, from a file that somebody else keeps fresh.</summary>
internal static class TokenFile
{
    /// <summary>Reads the token.</summary>
    /// <exception cref="FormatException">The file is empty, or its token is over.</exception>
    public static (string Text, long ExpiresMilliseconds) Read(KafkaSaslSettings settings, TimeProvider time)
    {
        var text = File.ReadAllText(settings.TokenPath!).Trim();
        if (text.Length == 0)
        {
            throw new FormatException("the file is empty");
        }

        var now = time.GetUtcNow();
        var end = FindEnd(text) ?? now + settings.TokenLifetime;
        return end > now
            ? (text, end.ToUnixTimeMilliseconds())
            : throw new FormatException("its token has expired");
    }

    // The second part of a JSON web token says in "exp" when it ends.
    private static DateTimeOffset? FindEnd(string token)
    {
        try
        {
            if (token.Split('.') is not [_, var body, _])
            {
                return null;
            }

            using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(body));
            return claims.RootElement.TryGetProperty("exp", out var exp) && exp.TryGetInt64(out var seconds)
                ? DateTimeOffset.FromUnixTimeSeconds(seconds)
                : null;
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException or ArgumentOutOfRangeException)
        {
            return null;
        }
    }
}

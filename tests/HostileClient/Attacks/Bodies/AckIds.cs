namespace HostileClient.Attacks.Bodies;

/// <summary>Ack ids that nobody gave out.</summary>
internal static class AckIds
{
    private static readonly string[] Prefixes = [.. Enumerable.Range(0, 64).Select(static i => Prefix(new Random(i)))];

    /// <summary>Writes one of the right form: a subscription's prefix, and a sequence number.</summary>
    public static string Text(int number) => $"{Prefixes[number % Prefixes.Length]}{number + 1:x}";

    /// <summary>Writes one that may have the right form.</summary>
    public static string Any(Random random) => random.Next(4) switch
    {
        0 => Text(random.Next(100_000)),
        1 => Prefix(random) + "ffffffffffffffff",
        2 => new string('x', random.Next(2_000)),
        _ => "",
    };

    private static string Prefix(Random random)
    {
        var bytes = new byte[20];
        random.NextBytes(bytes);
        return Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }
}

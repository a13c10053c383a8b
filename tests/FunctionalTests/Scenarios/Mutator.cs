namespace EventBroker.FunctionalTests.Scenarios;

// Breaks valid input at random, the same way in every run.
internal sealed class Mutator(int seed)
{
#pragma warning disable CA5394 // Not for secrets, and it must be repeatable.
    private readonly Random _random = new(seed);

    public byte[] Mutate(ReadOnlySpan<byte> valid)
    {
        var bytes = valid.ToArray().ToList();
        for (var changes = _random.Next(1, 5); changes > 0; changes--)
        {
            var at = bytes.Count == 0 ? 0 : _random.Next(bytes.Count);
            switch (_random.Next(6))
            {
                case 0 when bytes.Count > 0:
                    bytes[at] ^= (byte)(1 << _random.Next(8));
                    break;
                case 1 when bytes.Count > 0:
                    bytes[at] = (byte)_random.Next(256);
                    break;
                case 2 when bytes.Count > 0:
                    bytes.RemoveAt(at);
                    break;
                case 3:
                    bytes.Insert(at, (byte)_random.Next(256));
                    break;
                case 4 when bytes.Count > 0:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                default:
                    // A piece of itself once more, at another place.
                    var length = _random.Next(Math.Min(16, bytes.Count) + 1);
                    var from = _random.Next(bytes.Count - length + 1);
                    bytes.InsertRange(at, bytes.GetRange(from, length));
                    break;
            }
        }

        return [.. bytes];
    }

    public T Pick<T>(params ReadOnlySpan<T> choices) => choices[_random.Next(choices.Length)];
#pragma warning restore CA5394
}

namespace EventBroker.Client.Options;

/// <summary>Collects every fault of an options object, each with the name of the option.</summary>
internal sealed class OptionFaults
{
    private readonly List<string> _faults = [];

    public IReadOnlyList<string> All => _faults;

    public void Check(bool isRight, string option, string rule)
    {
        if (!isRight)
        {
            _faults.Add($"{option} {rule}");
        }
    }

    /// <summary>Takes over the faults of a part of the options.</summary>
    public void Include(string part, IEnumerable<string> faults) => _faults.AddRange(faults.Select(fault => $"{part}.{fault}"));

    public void InRange<T>(T value, T least, T most, string option)
        where T : IComparable<T> =>
        Check(value.CompareTo(least) >= 0 && value.CompareTo(most) <= 0, option, $"is {value}; {least} to {most} is allowed");
}

using EventBroker.Sdk.Settings;

namespace EventBroker.Sdk.Tests.Settings;

public sealed class ByteSizeTests
{
    [Theory]
    [InlineData("4096", 4096)]
    [InlineData("0", 0)]
    [InlineData("12B", 12)]
    [InlineData("512KiB", 512 * 1024)]
    [InlineData("64MiB", 64 * 1024 * 1024)]
    [InlineData("1GiB", 1024 * 1024 * 1024)]
    [InlineData("10MB", 10_000_000)]
    [InlineData("10 mb", 10_000_000)]
    [InlineData("1.5KiB", 1536)]
    [InlineData("9223372036854775807", long.MaxValue)]
    public void A_size_with_a_unit_is_so_many_bytes(string text, long bytes)
    {
        Assert.True(ByteSize.TryParse(text, out var size));
        Assert.Equal(bytes, size.Bytes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("MiB")]
    [InlineData("-1")]
    [InlineData("1e3")]
    [InlineData("10 Mbit")]
    [InlineData("0.5B")]
    [InlineData("9223372036854775808")]
    [InlineData("9999999999999999TiB")]
    [InlineData("1,000")]
    public void What_is_no_whole_number_of_bytes_is_refused(string text) => Assert.False(ByteSize.TryParse(text, out _));

    [Theory]
    [InlineData(0, "0B")]
    [InlineData(1536, "1536B")]
    [InlineData(1024 * 1000, "1000KiB")]
    [InlineData(10_000_000, "10MB")]
    [InlineData(64 * 1024 * 1024, "64MiB")]
    [InlineData(long.MaxValue, "9223372036854775807B")]
    public void A_size_is_written_in_the_largest_unit_that_divides_it_and_reads_back_the_same(long bytes, string text)
    {
        Assert.Equal(text, new ByteSize(bytes).ToString());
        Assert.True(ByteSize.TryParse(text, out var size));
        Assert.Equal(bytes, size.Bytes);
    }
}

using ControlPlane.Registry.Jobs;

namespace UnitTests.Registry;

public class IndexSetTests
{
    [Theory]
    [InlineData("", "", 0)]
    [InlineData("1", "1", 1)]
    [InlineData("1,2", "1,2", 2)]
    [InlineData("1-3", "1-3", 3)]
    [InlineData("0,1,2,5-6", "0-2,5,6", 5)]
    public void Texts_are_read_and_written_as_short_as_they_can_be(string text, string written, int count)
    {
        var set = IndexSet.Parse(text, 10);
        Assert.Equal(written, set.ToString());
        Assert.Equal(count, set.Count);
        Assert.Equal(set.Indexes(), Enumerable.Range(0, 10).Where(set.Contains));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("1-2-3")]
    [InlineData("3,2")]
    [InlineData("10")]
    [InlineData("-1")]
    [InlineData("1,")]
    public void What_is_no_rising_list_below_the_bound_is_refused(string text) => Assert.Throws<FormatException>(() => IndexSet.Parse(text, 10));

    [Fact]
    public void Indexes_are_added_once() => Assert.Equal("0-3,7", IndexSet.Parse("0,3", 10).With([1, 2, 3, 7, 7]).ToString());
}

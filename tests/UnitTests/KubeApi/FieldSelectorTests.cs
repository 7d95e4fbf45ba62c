using KubeApi;

namespace UnitTests.KubeApi;

public class FieldSelectorTests
{
    private static string? Field(string path) => path switch { "spec.nodeName" => "node1", "status.phase" => "Running", _ => null };

    [Theory]
    [InlineData("", true)]
    [InlineData("spec.nodeName=node1", true)]
    [InlineData("spec.nodeName==node1", true)]
    [InlineData("spec.nodeName!=node1", false)]
    [InlineData("spec.nodeName=node1,status.phase!=Failed,status.phase!=Succeeded", true)]
    [InlineData("spec.nodeName=node1,status.phase=Failed", false)]
    [InlineData("spec.other=", true)]
    [InlineData("spec.other!=", false)]
    public void A_field_selector_matches_what_it_says(string text, bool matches) => Assert.Equal(matches, FieldSelector.Parse(text).Matches(Field));

    [Theory]
    [InlineData("spec.nodeName")]
    [InlineData("=node1")]
    [InlineData("!=node1")]
    public void A_clause_without_field_or_operator_is_refused(string text) => Assert.Throws<FormatException>(() => FieldSelector.Parse(text));

    [Fact]
    public void The_value_demanded_of_a_field_is_known()
    {
        var selector = FieldSelector.Parse("metadata.name=a,spec.nodeName!=b");
        Assert.Equal("a", selector.Required("metadata.name"));
        Assert.Null(selector.Required("spec.nodeName"));
        Assert.Equal("metadata.name=a,spec.nodeName!=b", selector.ToString());
    }
}

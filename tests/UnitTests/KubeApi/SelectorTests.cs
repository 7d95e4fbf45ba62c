using KubeApi;
using KubeApi.Objects;

namespace UnitTests.KubeApi;

public class SelectorTests
{
    private static readonly Dictionary<string, string> Labels = new() { ["app"] = "nginx", ["tier"] = "front", ["kubernetes.io/os"] = "linux" };

    [Theory]
    [InlineData("", true)]
    [InlineData("app=nginx", true)]
    [InlineData("app==nginx", true)]
    [InlineData(" app = nginx ", true)]
    [InlineData("app=apache", false)]
    [InlineData("app!=apache", true)]
    [InlineData("app!=nginx", false)]
    [InlineData("missing!=x", true)]
    [InlineData("app", true)]
    [InlineData("missing", false)]
    [InlineData("!missing", true)]
    [InlineData("!app", false)]
    [InlineData("app in (nginx,apache)", true)]
    [InlineData("app in(apache)", false)]
    [InlineData("app notin (apache, caddy)", true)]
    [InlineData("missing notin (x)", true)]
    [InlineData("app in (nginx),tier=front,kubernetes.io/os=linux,!missing", true)]
    [InlineData("app in (nginx),tier=back", false)]
    public void A_selector_matches_what_it_says(string text, bool matches) => Assert.Equal(matches, Selector.Parse(text).Matches(Labels));

    [Theory]
    [InlineData("app=a=b")]
    [InlineData("app=nginx,")]
    [InlineData(",app=nginx")]
    [InlineData("app in nginx")]
    [InlineData("app in (nginx")]
    [InlineData("=nginx")]
    [InlineData("a b")]
    [InlineData("app=with space")]
    [InlineData("x in (a),(b)")]
    public void Text_that_is_no_selector_is_refused(string text) => Assert.Throws<FormatException>(() => Selector.Parse(text));

    [Fact]
    public void A_selector_without_labels_to_look_at_matches_only_absence()
    {
        Assert.True(Selector.Parse("!app").Matches(null));
        Assert.False(Selector.Parse("app").Matches(null));
    }

    [Theory]
    [InlineData("a=b,c!=d,e in (x,y),f notin (z,w),g,!h")]
    [InlineData("a=b")]
    public void Printing_and_parsing_again_gives_the_same(string text) => Assert.Equal(text, Selector.Parse(text).ToString());

    [Fact]
    public void A_label_selector_object_combines_labels_and_expressions()
    {
        var selector = Selector.Of(new LabelSelector
        {
            MatchLabels = new Dictionary<string, string> { ["app"] = "nginx" },
            MatchExpressions = [new LabelSelectorRequirement { Key = "tier", Operator = "In", Values = ["front", "back"] }, new LabelSelectorRequirement { Key = "gone", Operator = "DoesNotExist" }],
        });
        Assert.True(selector.Matches(Labels));
        Assert.False(selector.Matches(new Dictionary<string, string> { ["app"] = "nginx" }));
        Assert.True(Selector.Of(new LabelSelector()).IsEverything);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("In, NotIn")]
    [InlineData("in")]
    [InlineData("Equals")]
    [InlineData("")]
    public void An_operator_that_does_not_exist_is_refused(string name)
    {
        var requirement = new LabelSelectorRequirement { Key = "a", Operator = name, Values = ["x"] };
        Assert.Throws<FormatException>(() => Selector.Of(new LabelSelector { MatchExpressions = [requirement] }));
    }

    [Theory]
    [InlineData("In", 0)]
    [InlineData("NotIn", 0)]
    [InlineData("Exists", 1)]
    [InlineData("DoesNotExist", 1)]
    public void Values_must_fit_the_operator(string name, int values)
    {
        var requirement = new LabelSelectorRequirement { Key = "a", Operator = name, Values = Enumerable.Repeat("x", values).ToList() };
        Assert.Throws<FormatException>(() => Selector.Of(new LabelSelector { MatchExpressions = [requirement] }));
    }
}

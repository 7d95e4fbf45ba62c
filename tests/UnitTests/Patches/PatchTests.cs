using System.Text.Json.Nodes;
using ControlPlane.Patches;
using KubeApi.Objects;

namespace UnitTests.Patches;

public class PatchTests
{
    private static JsonObject Json(string text) => (JsonObject)JsonNode.Parse(text.Replace('\'', '"'))!;

    private static void Same(string expected, JsonNode? actual) =>
        Assert.Equal(JsonNode.Parse(expected.Replace('\'', '"'))!.ToJsonString(), actual!.ToJsonString());

    [Theory] // RFC 7386, appendix A
    [InlineData("{'a':'b'}", "{'a':'c'}", "{'a':'c'}")]
    [InlineData("{'a':'b'}", "{'b':'c'}", "{'a':'b','b':'c'}")]
    [InlineData("{'a':'b','b':'c'}", "{'a':null}", "{'b':'c'}")]
    [InlineData("{'a':['b']}", "{'a':'c'}", "{'a':'c'}")]
    [InlineData("{'a':{'b':'c'}}", "{'a':{'b':'d','c':null}}", "{'a':{'b':'d'}}")]
    [InlineData("{'a':[{'b':'c'}]}", "{'a':[1]}", "{'a':[1]}")]
    [InlineData("{'e':null}", "{'a':1}", "{'e':null,'a':1}")]
    [InlineData("{}", "{'a':{'bb':{'ccc':null}}}", "{'a':{'bb':{}}}")]
    public void A_merge_patch_does_what_the_RFC_lists(string current, string patch, string expected) =>
        Same(expected, MergePatch.Apply(Json(current), Json(patch)));

    [Theory]
    [InlineData("{'a':[1,2]}", "[{'op':'add','path':'/a/1','value':9},{'op':'add','path':'/a/-','value':3}]", "{'a':[1,9,2,3]}")]
    [InlineData("{'a':{'b~/c':1}}", "[{'op':'replace','path':'/a/b~0~1c','value':null}]", "{'a':{'b~/c':null}}")]
    [InlineData("{'a':1}", "[{'op':'test','path':'/a','value':1},{'op':'move','from':'/a','path':'/b'},{'op':'copy','from':'/b','path':'/c'}]", "{'b':1,'c':1}")]
    [InlineData("{'a':[1,2,3]}", "[{'op':'remove','path':'/a/0'}]", "{'a':[2,3]}")]
    public void A_JSON_patch_does_what_the_RFC_says(string current, string patch, string expected) =>
        Same(expected, JsonPatch.Apply(Json(current), (JsonArray)JsonNode.Parse(patch.Replace('\'', '"'))!));

    [Theory]
    [InlineData("[{'op':'test','path':'/a','value':2}]")]
    [InlineData("[{'op':'remove','path':'/missing'}]")]
    [InlineData("[{'op':'replace','path':'/b/c','value':1}]")]
    [InlineData("[{'op':'add','path':'/b/c','value':1}]")]
    [InlineData("[{'op':'add','path':'a','value':1}]")]
    [InlineData("[{'op':'fly','path':'/a'}]")]
    [InlineData("[{'path':'/a'}]")]
    [InlineData("[{'op':'replace','path':'','value':1}]")]
    [InlineData("[1]")]
    public void A_JSON_patch_that_does_not_hold_is_refused_and_changes_nothing(string patch)
    {
        var current = Json("{'a':1}");
        Assert.Throws<PatchException>(() => JsonPatch.Apply(current, (JsonArray)JsonNode.Parse(patch.Replace('\'', '"'))!));
        Same("{'a':1}", current);
    }

    [Fact]
    public void A_small_JSON_patch_cannot_make_a_huge_or_bottomless_object()
    {
        var doubling = Enumerable.Range(0, 40).Select(JsonNode? (i) => Json($"{{'op':'copy','from':'/a','path':'/a/x{i}'}}")).ToArray();
        Assert.Throws<PatchException>(() => JsonPatch.Apply(Json("{'a':{}}"), new JsonArray(doubling)));
        var nesting = Enumerable.Range(1, 700).Select(JsonNode? (i) => Json($"{{'op':'add','path':'{string.Concat(Enumerable.Repeat("/a", i))}','value':{{}}}}")).ToArray();
        Assert.Throws<PatchException>(() => JsonPatch.Apply([], new JsonArray(nesting)));
        var wide = Enumerable.Range(0, 26).SelectMany(i => new JsonNode?[] { Json($"{{'op':'add','path':'/b{i}','value':[]}}"),
            Json($"{{'op':'copy','from':'/a','path':'/b{i}/-'}}"), Json($"{{'op':'copy','from':'/a','path':'/b{i}/-'}}"), Json($"{{'op':'copy','from':'/b{i}','path':'/a'}}") }).ToArray();
        Assert.Throws<PatchException>(() => JsonPatch.Apply(Json("{'a':'text'}"), new JsonArray(wide)));
    }

    [Fact] // the patch was recorded from kubectl apply
    public void Apply_of_a_changed_Deployment_merges_lists_by_key_and_obeys_every_directive()
    {
        var current = Json("""
            {'metadata':{'labels':{'a':'1','b':'2'}},'spec':{'template':{'spec':{
              'containers':[
                {'name':'c1','image':'nginx:1','args':['x','y'],'env':[{'name':'A','value':'1'},{'name':'B','value':'2'},{'name':'C','value':'2'}],
                 'ports':[{'containerPort':80,'protocol':'TCP'},{'containerPort':81,'protocol':'TCP'}]},
                {'name':'c2','image':'busybox'}],
              'volumes':[{'name':'v1','emptyDir':{}}]}}}}
            """);
        var patch = Json("""
            {'metadata':{'labels':{'b':null}},'spec':{'template':{'spec':{
              '$setElementOrder/containers':[{'name':'c1'}],'$setElementOrder/volumes':[{'name':'v1'}],
              'containers':[
                {'name':'c1','image':'nginx:2','args':['x','z'],
                 '$setElementOrder/env':[{'name':'A'},{'name':'C'}],'env':[{'name':'C','value':'3'},{'$patch':'delete','name':'B'}],
                 '$setElementOrder/ports':[{'containerPort':80}],'ports':[{'$patch':'delete','containerPort':81}]},
                {'$patch':'delete','name':'c2'}],
              'volumes':[{'name':'v1','$retainKeys':['configMap','name'],'configMap':{'name':'c1'},'emptyDir':null}]}}}}
            """);
        Same("""
            {'metadata':{'labels':{'a':'1'}},'spec':{'template':{'spec':{
              'containers':[
                {'name':'c1','image':'nginx:2','args':['x','z'],'env':[{'name':'A','value':'1'},{'name':'C','value':'3'}],
                 'ports':[{'containerPort':80,'protocol':'TCP'}]}],
              'volumes':[{'name':'v1','configMap':{'name':'c1'}}]}}}}
            """, StrategicMergePatch.Apply(current, patch, typeof(Deployment)));
    }

    [Fact]
    public void Order_is_the_clients_and_entries_of_others_stay_behind_their_neighbour()
    {
        var current = Json("{'spec':{'ports':[{'port':1},{'port':2},{'port':3}]}}");
        var patch = Json("{'spec':{'$setElementOrder/ports':[{'port':4},{'port':3},{'port':1}],'ports':[{'port':4}]}}");
        Same("{'spec':{'ports':[{'port':4},{'port':3},{'port':1},{'port':2}]}}", StrategicMergePatch.Apply(current, patch, typeof(Service)));
    }

    [Fact]
    public void Lists_of_scalars_merge_as_sets_and_lose_what_is_asked_for()
    {
        var current = Json("{'metadata':{'finalizers':['a','b']}}");
        Same("{'metadata':{'finalizers':['b','c']}}", StrategicMergePatch.Apply(current,
            Json("{'metadata':{'$deleteFromPrimitiveList/finalizers':['a'],'$setElementOrder/finalizers':['b','c'],'finalizers':['c']}}"), typeof(Pod)));
    }

    [Fact]
    public void A_list_without_a_merge_strategy_is_replaced()
    {
        Same("{'spec':{'tolerations':[{'key':'b'}]}}", StrategicMergePatch.Apply(
            Json("{'spec':{'tolerations':[{'key':'a'}]}}"), Json("{'spec':{'tolerations':[{'key':'b'}]}}"), typeof(Pod)));
    }

    [Fact]
    public void Replace_replaces_a_map_or_a_whole_list()
    {
        Same("{'spec':{'selector':{'b':'2'},'ports':[{'port':9}]}}", StrategicMergePatch.Apply(
            Json("{'spec':{'selector':{'a':'1'},'ports':[{'port':1}]}}"),
            Json("{'spec':{'selector':{'$patch':'replace','b':'2'},'ports':[{'$patch':'replace'},{'port':9}]}}"), typeof(Service)));
    }

    [Theory]
    [InlineData("{'spec':{'containers':[{'image':'x'}]}}")]
    [InlineData("{'spec':{'containers':['x']}}")]
    [InlineData("{'spec':{'$patch':'smash'}}")]
    [InlineData("{'spec':{'volumes':[{'name':'v','$retainKeys':['name'],'emptyDir':{}}]}}")]
    public void A_malformed_strategic_patch_is_refused(string patch) =>
        Assert.Throws<PatchException>(() => StrategicMergePatch.Apply(Json("{'spec':{}}"), Json(patch), typeof(Pod)));
}

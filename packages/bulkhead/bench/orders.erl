%% The pipeline of docs/examples/orders as Erlang processes: what orders.bench.mjs measures the others against.
-module(orders).
-export([main/2]).

%% Prints the nanoseconds that an order takes, the median of so many rounds.
main(Orders, Rounds) ->
    Host = self(),
    Book = spawn_link(fun() -> book(Host, 0, 0, undefined) end),
    Catalogue = spawn_link(fun catalogue/0),
    Price = spawn_link(fun() -> price(Catalogue, Book) end),
    Pool = list_to_tuple([spawn_link(fun() -> validate(Price) end) || _ <- lists:seq(1, 3)]),
    [_ | Costs] = [round(Orders, Round * Orders, Pool, Book) || Round <- lists:seq(0, Rounds)],
    io:format("~p~n", [lists:nth(length(Costs) div 2 + 1, lists:sort(Costs))]).

round(Orders, First, Pool, Book) ->
    Began = erlang:monotonic_time(nanosecond),
    [element(Id rem 3 + 1, Pool) ! {order, order(Id)} || Id <- lists:seq(First + 1, First + Orders)],
    Book ! {close, First + Orders},
    receive {day, _} -> ok end,
    (erlang:monotonic_time(nanosecond) - Began) / Orders.

order(Id) ->
    Item = element(Id rem 4 + 1, {<<"tea">>, <<"honey">>, <<"flour">>, <<"saffron">>}),
    Number = integer_to_binary(Id),
    Quantity = integer_to_binary(Id rem 7 + 1),
    <<"{\"id\":", Number/binary, ",\"item\":\"", Item/binary, "\",\"quantity\":", Quantity/binary, "}">>.

validate(Price) ->
    receive {order, Text} ->
        Pattern = "^\\{\"id\":(\\d+),\"item\":\"([a-z]+)\",\"quantity\":(\\d+)\\}$",
        {match, [Id, Item, Quantity]} = re:run(Text, Pattern, [{capture, all_but_first, binary}]),
        Price ! {valid, <<Id/binary, " ", Item/binary, " ", Quantity/binary>>}
    end,
    validate(Price).

price(Catalogue, Book) ->
    receive {valid, Text} ->
        [Id, Item, Quantity] = binary:split(Text, <<" ">>, [global]),
        Reference = make_ref(),
        Catalogue ! {ask, self(), Reference, Item},
        Cents = receive {Reference, Found} -> binary_to_integer(Found) end,
        Total = integer_to_binary(Cents * binary_to_integer(Quantity)),
        Book ! {priced, <<Id/binary, " ", Total/binary>>}
    end,
    price(Catalogue, Book).

catalogue() ->
    receive {ask, From, Reference, Item} ->
        Prices = #{<<"tea">> => <<"450">>, <<"honey">> => <<"725">>, <<"flour">> => <<"180">>, <<"saffron">> => <<"1990">>},
        From ! {Reference, maps:get(Item, Prices)}
    end,
    catalogue().

book(Host, Booked, Cents, Expected) when Booked =:= Expected ->
    Host ! {day, Cents},
    book(Host, Booked, Cents, undefined);
book(Host, Booked, Cents, Expected) ->
    receive
        {priced, Text} ->
            [_, Total] = binary:split(Text, <<" ">>),
            book(Host, Booked + 1, Cents + binary_to_integer(Total), Expected);
        {close, All} -> book(Host, Booked, Cents, All)
    end.

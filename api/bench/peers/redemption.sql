-- The redemption of api/bench/workload.h as PostgreSQL would have it: the voucher is unique and still
-- open, its holder is entitled on the day, the provider is under contract, the money is there; the
-- balance moves; and, with the chain, an entry that hashes the one before it. One round trip a call.
create table beneficiary (id bigint primary key, town int not null,
                          entitled_from date not null, entitled_to date not null);
create table provider (id int primary key, town int not null,
                       contract_from date not null, contract_to date not null);
create table voucher (no bigint primary key, beneficiary bigint not null, face bigint not null,
                      open boolean not null, redeemed_by int);
create table balance (town int, account text, fen bigint not null check (fen >= 0),
                      primary key (town, account));
create table head (one boolean primary key check (one), n bigint not null, hash bytea not null);
create table entry (n bigint primary key, content text not null, hash bytea not null);
create table entry_without_chain (voucher bigint primary key, content text not null);
create sequence work;

-- 64 towns with a provider each: more balances that do not wait for each other than ours has.
insert into beneficiary
  select i, i % 64, '2008-01-01', '2999-12-31' from generate_series(0, 19999) i;
insert into provider select i, i, '2008-01-01', '2999-12-31' from generate_series(0, 63) i;
insert into balance select i, 'committed', 1000000000000 from generate_series(0, 63) i;
insert into balance select i, 'accrued', 0 from generate_series(0, 63) i;
insert into head values (true, 0, sha256(''));

create function issue(wanted bigint) returns void language sql as $$
  insert into voucher
    select i, i % 20000, 10000, true from generate_series(
      (select coalesce(max(no), -1) + 1 from voucher),
      (select coalesce(max(no), -1) from voucher) + wanted) i
$$;

-- Vouchers are redeemed in an order that jumps about, each once: within 100,000 they are permuted.
create function next_voucher() returns bigint language sql as $$
  select n / 100000 * 100000 + n % 100000 * 7919 % 100000 from (select nextval('work') - 1) x(n)
$$;

create function check_and_move(v bigint, day date) returns text language plpgsql as $$
declare b bigint; f bigint; t int;
begin
  update voucher set open = false, redeemed_by = beneficiary % 64 where no = v and open
    returning beneficiary, face into b, f;
  if not found then raise exception 'voucher % is not open', v; end if;
  select town into t from beneficiary where id = b and day between entitled_from and entitled_to;
  if not found then raise exception 'not entitled'; end if;
  perform 1 from provider where id = t and town = t and day between contract_from and contract_to;
  if not found then raise exception 'not under contract'; end if;
  update balance set fen = fen - f where town = t and account = 'committed';
  update balance set fen = fen + f where town = t and account = 'accrued';
  return format('{"beneficiary":"%s","date":"%s","hours":"1.50","item":"zhuyu","provider":"%s",'
                '"amount":"%s","voucher":"%s","worker":"w-01"}', b, day, t, f, v);
end $$;

create function redeem(v bigint) returns void language plpgsql as $$
declare content text; last head;
begin
  content := check_and_move(v, '2008-05-20');
  select * into last from head for update;
  update head set n = last.n + 1, hash = sha256(last.hash || convert_to(content, 'UTF8'))
    returning * into last;
  insert into entry values (last.n, content, last.hash);
end $$;

create function redeem_without_chain(v bigint) returns void language plpgsql as $$
begin
  insert into entry_without_chain values (v, check_and_move(v, '2008-05-20'));
end $$;

-- A batch as somebody would write it who knows PostgreSQL: one statement for all vouchers and balances,
-- the chain in a variable, one change of the head.
create function redeem_many(count int) returns void language plpgsql as $$
declare list bigint[]; contents text[]; hashes bytea[]; last head; day constant date := '2008-05-20';
begin
  list := array(select next_voucher() from generate_series(1, count));
  select * into last from head for update;  -- first, so that batches do not wait for each other twice
  with redeemed as (
    update voucher set open = false, redeemed_by = beneficiary % 64 where no = any(list) and open
      returning no, beneficiary, face
  ), checked as (
    select r.*, b.town from redeemed r
      join beneficiary b on b.id = r.beneficiary and day between b.entitled_from and b.entitled_to
      join provider p on p.id = b.town and p.town = b.town
                     and day between p.contract_from and p.contract_to
  ), moved as (
    update balance set fen = fen + change from (
      select town, 'committed' account, -sum(face) change from checked group by town union all
      select town, 'accrued', sum(face) from checked group by town) x
    where balance.town = x.town and balance.account = x.account
  )
  select array_agg(format('{"beneficiary":"%s","date":"%s","hours":"1.50","item":"zhuyu",'
                          '"provider":"%s","amount":"%s","voucher":"%s","worker":"w-01"}',
                          beneficiary, day, town, face, no)) into contents from checked;
  if cardinality(contents) is distinct from count then raise exception 'not all could be redeemed'; end if;
  for i in 1..count loop
    last.hash := sha256(last.hash || convert_to(contents[i], 'UTF8'));
    hashes[i] := last.hash;
  end loop;
  insert into entry select last.n + i, c, h from unnest(contents, hashes) with ordinality x(c, h, i);
  update head set n = last.n + count, hash = last.hash;
end $$;

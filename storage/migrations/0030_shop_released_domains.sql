-- For the daily sweep that forgets released domains: of all domains, few are in it.
create index shop_domains_released on shop_domains (released_at) where state = 'released';
